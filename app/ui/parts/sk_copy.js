// Text that copies itself on click, without asking the server.
export default {
  template: `<button type="button" class="sk-id" :title="said" :aria-label="said + ' ' + (short || text)"
      :data-copied="done || null" @click.stop.prevent="copy">
    <span class="sk-cut">{{ short || text }}</span><i class="material-icons-outlined" aria-hidden="true">{{ done ? 'check' : 'content_copy' }}</i>
  </button>`,
  props: { text: String, short: String, said: String },
  data() { return { done: false }; },
  methods: {
    async copy() {
      try { await navigator.clipboard.writeText(this.text); }
      catch { this.fallback(); }
      this.done = true;
      setTimeout(() => { this.done = false; }, 1400);
    },
    fallback() {  // plain http on another host has no clipboard API
      const area = document.createElement("textarea");
      area.value = this.text;
      this.$el.after(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    },
  },
};
