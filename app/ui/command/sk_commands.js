// The command palette: Ctrl-K on every page. Everything by keyboard; what was used last comes first.
import { attachHints, chordOf, keysOf, meant, typing } from "sakuga-keys";

const RECENT = "sakuga.recent";
const MOST_RECENT = 6, MOST_SHOWN = 60, FEW = 6;

function recent() {
  try { return JSON.parse(localStorage.getItem(RECENT) ?? "[]").filter((id) => typeof id === "string"); }
  catch { return []; }
}

// How well letters in order match a text: 0 for not at all; begins, words and neighbours count more.
export function score(text, query) {
  const low = text.toLowerCase();
  const at = low.indexOf(query);
  if (at >= 0) return 1000 - at - low.length / 100 + (at === 0 ? 300 : /[\s\-_/·:]/.test(low[at - 1]) ? 150 : 0);
  let points = 0, from = 0, before = -2;
  for (const letter of query) {
    if (letter === " ") continue;
    const place = low.indexOf(letter, from);
    if (place < 0) return 0;
    points += place === before + 1 ? 12 : place === 0 || /[\s\-_/·:]/.test(low[place - 1]) ? 9 : 2;
    points -= Math.min(4, (place - from) / 8);
    before = place;
    from = place + 1;
  }
  return Math.max(1, points);
}

// words that are not shown count only where one of them begins so
const named = (text, query) => (` ${text.toLowerCase()}`.includes(` ${query}`) ? score(text, query) : 0);

// a dialog that is on its way out is none
const busy = () => document.querySelector(".q-dialog__inner:not([class*=leave])") !== null;

export default {
  template: `<dialog ref="dialog" class="sk-commands" :aria-label="words.title" @close="closed" @click.self="hide">
    <div class="sk-commands__box" @keydown="key">
      <div class="sk-commands__search"><i class="material-icons-outlined" aria-hidden="true">search</i>
        <input ref="input" v-model="query" :placeholder="words.hint" :aria-label="words.title" role="combobox" aria-expanded="true"
          aria-controls="sk-commands-list" aria-autocomplete="list" :aria-activedescendant="shown.length ? 'sk-command-' + at : null"
          autocomplete="off" spellcheck="false" maxlength="200" @input="typed" /><kbd>Esc</kbd></div>
      <div id="sk-commands-list" ref="list" class="sk-commands__list" role="listbox" :aria-label="words.title">
        <template v-for="(item, index) in shown" :key="item.id">
          <div v-if="index === 0 || shown[index - 1].heading !== item.heading" class="sk-commands__group" role="presentation">{{ item.heading }}</div>
          <div :id="'sk-command-' + index" class="sk-commands__item" role="option" :aria-selected="index === at ? 'true' : 'false'"
            @mousemove="at = index" @click="run(item)">
            <i class="material-icons-outlined" aria-hidden="true">{{ item.icon }}</i><span class="sk-cut">{{ item.label }}</span>
            <span v-if="item.hint" class="sk-commands__hint sk-cut">{{ item.hint }}</span><kbd v-if="item.keys">{{ keysOf(item.keys) }}</kbd>
          </div>
        </template>
        <p v-if="!shown.length" class="sk-hint">{{ searching ? words.searching : words.nothing }}</p>
      </div>
      <span class="sk-sr" role="status">{{ shown.length }} {{ words.found }}</span>
    </div>
  </dialog>`,
  props: { items: Array, words: Object },
  emits: ["opened", "search", "run", "help"],
  data() { return { query: "", at: 0, more: null, found: [], used: [], searching: false, asked: 0, open: false }; },
  computed: {
    all() { return [...(this.more ?? this.items ?? []), ...this.found]; },
    shown() { return this.query.trim() ? this.matching() : this.usual(); },
  },
  mounted() {
    this.listen = (event) => this.global(event);
    window.addEventListener("keydown", this.listen, true);
    this.off = new AbortController();
    attachHints(this.words.keys, this.off.signal);
  },
  unmounted() { this.off?.abort(); window.removeEventListener("keydown", this.listen, true); },
  methods: {
    keysOf,
    global(event) {
      if (event.isComposing || event.repeat || event.defaultPrevented) return;
      const wanted = meant(chordOf(event));
      if (wanted === "mod+k" && (this.open || !busy())) this.open ? this.hide() : this.show();
      else if (wanted === "?" && !this.open && !typing(event.target) && !busy()) this.$emit("help", {});
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    show() {
      this.used = recent();
      Object.assign(this, { query: "", at: 0, found: [], open: true });
      this.$refs.dialog.showModal();
      this.$refs.input.focus();
      this.$emit("opened", {});
    },
    hide() { this.$refs.dialog.close(); },
    closed() { this.open = false; },
    fill(items) { this.more = items; },
    results(asked, items) {
      if (asked !== this.asked) return;
      this.found = items;
      this.searching = false;
    },
    usual() {
      const known = new Map(this.all.map((item) => [item.id, item]));
      const first = this.used.map((id) => known.get(id)).filter(Boolean).slice(0, MOST_RECENT);
      const taken = new Set(first.map(({ id }) => id));
      const rest = new Map();
      for (const item of this.all) {
        const members = rest.get(item.group) ?? rest.set(item.group, []).get(item.group);
        if (!taken.has(item.id) && members.length < FEW) members.push({ ...item, heading: item.group });
      }
      return [...first.map((item) => ({ ...item, heading: this.words.recent })), ...[...rest.values()].flat()];
    },
    matching() {
      const query = this.query.trim().toLowerCase().replace(/\s+/g, " ");
      const rated = [];
      for (const item of this.all) {
        const own = Math.max(score(item.label, query), 0.6 * named(item.words ?? "", query), item.found ? 900 : 0);
        if (own > 12) rated.push({ ...item, heading: item.group, rate: own + (this.used.includes(item.id) ? 60 : 0) });
      }
      const best = new Map();
      for (const { group, rate } of rated) best.set(group, Math.max(best.get(group) ?? 0, rate));
      return rated.sort((a, b) => best.get(b.group) - best.get(a.group) || (a.group < b.group ? -1 : a.group > b.group ? 1 : 0) || b.rate - a.rate).slice(0, MOST_SHOWN);
    },
    typed() {
      this.at = 0;
      clearTimeout(this.timer);
      const text = this.query.trim();
      this.asked += 1;
      this.searching = text.length > 1;
      if (!this.searching) { this.found = []; return; }
      const asked = this.asked;
      this.timer = setTimeout(() => this.$emit("search", { asked, text }), 140);
    },
    key(event) {
      if (event.isComposing) return;
      const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      const count = this.shown.length;
      if (move && count) this.at = Math.abs(move) === 1 ? (this.at + move + count) % count : Math.max(0, Math.min(count - 1, this.at + move));
      else if (event.key === "Enter" && count) this.run(this.shown[this.at]);
      else return;
      event.preventDefault();
      this.$nextTick(() => this.$refs.list?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }));
    },
    run(item) {
      const used = [item.id, ...recent().filter((id) => id !== item.id)].slice(0, 30);
      try { localStorage.setItem(RECENT, JSON.stringify(used)); } catch { /* nothing is remembered then */ }
      this.hide();
      if (item.href) window.location.assign(item.href);
      else this.$emit("run", { id: item.id });
    },
  },
};
