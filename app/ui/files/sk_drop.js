// Takes files anywhere on the page, or in one part of it, and posts the first one; says so with an overlay
// while one hovers. What lies under a file may know where that is (`landing`, `pasting` of an element).
const holds = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");

const ask = (elements, name, event) => {
  const found = elements.find((each) => typeof each[name] === "function");
  return found ? found[name](event) : null;
};

export default {
  template: `<div class="sk-drop" :class="scope && 'sk-drop--inside'" :data-over="over || null">
    <div class="sk-drop__card" aria-hidden="true"><i class="material-icons-outlined">file_open</i>
      <strong>{{ title }}</strong><span>{{ hint }}</span></div>
    <input ref="file" type="file" class="sk-drop__file" tabindex="-1" :aria-label="title" :accept="accept" @change="chosen">
  </div>`,
  props: { url: String, accept: String, longest: Number, title: String, hint: String, scope: String, pastes: Boolean },
  data() { return { over: false }; },
  mounted() {
    this.place = this.scope ? this.$el.closest(this.scope) : window;
    this.listeners = { dragover: this.hover, dragleave: this.leave, drop: this.drop };
    for (const [name, act] of Object.entries(this.listeners)) this.place.addEventListener(name, act);
    document.addEventListener("paste", this.paste);
  },
  unmounted() {
    for (const [name, act] of Object.entries(this.listeners)) this.place.removeEventListener(name, act);
    document.removeEventListener("paste", this.paste);
  },
  methods: {
    hover(event) {
      if (!holds(event)) return;
      event.preventDefault();
      if (this.scope) event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      this.over = true;
    },
    leave(event) {
      if (event.relatedTarget === null || (this.scope && !this.place.contains(event.relatedTarget))) this.over = false;
    },
    drop(event) {
      this.over = false;
      // a place inside that takes files itself has them
      if (!holds(event) || event.target.closest?.(".q-uploader")) return;
      event.preventDefault();
      if (this.scope) event.stopPropagation();
      this.send(event.dataTransfer.files[0], ask(document.elementsFromPoint(event.clientX, event.clientY), "landing", event));
    },
    // A picture in the clipboard; text beside it is meant to be pasted as text.
    paste(event) {
      const data = event.clipboardData;
      if (!data?.files.length || data.getData("text/plain") || event.target.closest?.("input, textarea")) return;
      const place = this.scope ? null : ask(Array.from(document.querySelectorAll(".sk-canvas-cell *")), "pasting");
      if (!this.scope && !this.pastes && !place) return;
      event.preventDefault();
      this.send(data.files[0], place);
    },
    pick() { this.$refs.file.click(); },
    chosen(event) {
      this.send(event.target.files[0]);
      event.target.value = "";
    },
    async send(file, place = null) {
      if (!file) return;
      if (file.size > this.longest) return this.$emit("refused", "large");
      const headers = { "X-Requested-With": "sakuga-files", "X-File-Name": encodeURIComponent(file.name.slice(0, 200)) };
      if (place) headers["X-File-Place"] = JSON.stringify(place);
      try {
        const answer = await fetch(this.url, { method: "POST", credentials: "same-origin", headers, body: file });
        if (!answer.ok) this.$emit("refused", String(answer.status));
      } catch { this.$emit("refused", "network"); }
    },
  },
};
