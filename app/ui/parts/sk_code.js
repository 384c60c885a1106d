// A block of plain text in the fixed font, with a copy button. The text is never markup.
export default {
  template: `<div class="sk-code" :class="{ 'sk-code--wrap': wrap }">
    <pre tabindex="0">{{ text }}</pre>
    <button v-if="copyable" type="button" class="sk-code__copy q-btn sk-btn sk-btn--icon sk-btn--small" :title="words[done ? 1 : 0]" :aria-label="words[done ? 1 : 0]" @click="copy">
      <i class="q-icon material-icons-outlined" aria-hidden="true">{{ done ? 'check' : 'content_copy' }}</i>
    </button>
  </div>`,
  props: { text: String, wrap: Boolean, copyable: Boolean, words: Array },
  data() { return { done: false }; },
  methods: {
    async copy() {
      try { await navigator.clipboard.writeText(this.text); }
      catch {
        getSelection().selectAllChildren(this.$el.querySelector("pre"));
        document.execCommand("copy");
      }
      this.done = true;
      setTimeout(() => { this.done = false; }, 1400);
    },
  },
};
