// Takes files anywhere on the page and posts the first one; says so with an overlay while one hovers.
const holds = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");

export default {
  template: `<div class="sk-drop" :data-over="over || null">
    <div class="sk-drop__card" aria-hidden="true"><i class="material-icons-outlined">file_open</i>
      <strong>{{ title }}</strong><span>{{ hint }}</span></div>
    <input ref="file" type="file" class="sk-drop__file" tabindex="-1" :aria-label="title" :accept="accept" @change="chosen">
  </div>`,
  props: { url: String, accept: String, longest: Number, title: String, hint: String },
  data() { return { over: false }; },
  mounted() {
    this.last = 0;
    this.listeners = { dragover: this.hover, dragleave: this.leave, drop: this.drop };
    for (const [name, act] of Object.entries(this.listeners)) window.addEventListener(name, act);
  },
  unmounted() {
    for (const [name, act] of Object.entries(this.listeners)) window.removeEventListener(name, act);
  },
  methods: {
    hover(event) {
      if (!holds(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      this.over = true;
    },
    leave(event) {
      if (event.relatedTarget === null) this.over = false;
    },
    drop(event) {
      this.over = false;
      // a place inside that takes files itself has them
      if (!holds(event) || event.target.closest?.(".q-uploader")) return;
      event.preventDefault();
      this.send(event.dataTransfer.files[0]);
    },
    pick() { this.$refs.file.click(); },
    chosen(event) {
      this.send(event.target.files[0]);
      event.target.value = "";
    },
    async send(file) {
      if (!file) return;
      if (file.size > this.longest) return this.$emit("refused", "large");
      const headers = { "X-Requested-With": "sakuga-files", "X-File-Name": encodeURIComponent(file.name.slice(0, 200)) };
      try {
        const answer = await fetch(this.url, { method: "POST", credentials: "same-origin", headers, body: file });
        if (!answer.ok) this.$emit("refused", String(answer.status));
      } catch { this.$emit("refused", "network"); }
    },
  },
};
