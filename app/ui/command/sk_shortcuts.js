// The sheet of shortcuts: every one can be given other keys, which this browser remembers.
import { bind, chordOf, isModifier, isTaken, keysOf, own, reset, shown } from "sakuga-keys";

export default {
  template: `<div class="sk-shortcuts">
    <section v-for="group in groups" :key="group.label" class="sk-shortcuts__group">
      <h3>{{ group.label }}</h3>
      <div v-for="entry in group.entries" :key="entry.id" class="sk-shortcuts__row">
        <span class="sk-grow">{{ entry.label }}</span>
        <span v-if="entry.fixed"><kbd>{{ shown(entry.id) }}</kbd></span>
        <button v-else type="button" class="sk-shortcuts__keys" :data-own="own[entry.id] ? '' : null" :data-waiting="waiting === entry.id ? '' : null"
          :aria-label="entry.label + ': ' + keys(entry.id) + '. ' + words.change" :title="words.change"
          @click="wait(entry.id)" @blur="stop(entry.id)" @keydown="press($event, entry)"><kbd>{{ waiting === entry.id ? words.press : keys(entry.id) }}</kbd></button>
        <button v-if="own[entry.id]" type="button" class="sk-shortcuts__reset" :aria-label="words.reset + ': ' + entry.label" :title="words.reset"
          @click="back(entry.id)"><i class="material-icons-outlined" aria-hidden="true">undo</i></button>
      </div>
    </section>
    <p class="sk-shortcuts__told" role="status" :data-bad="told ? '' : null">{{ told }}</p>
    <button v-if="Object.keys(own).length" type="button" class="sk-btn sk-btn--plain sk-btn--small q-btn" @click="all">{{ words.reset_all }}</button>
  </div>`,
  props: { groups: Array, words: Object },
  data() { return { waiting: "", told: "" }; },
  computed: { own() { return own.value; } },
  methods: {
    shown,
    keys(id) { own.value; return keysOf(id); },
    wait(id) { this.waiting = id; this.told = ""; },
    stop(id) { if (this.waiting === id) this.waiting = ""; },
    press(event, entry) {
      if (this.waiting !== entry.id || event.key === "Tab") return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") { this.waiting = ""; return; }
      if (isModifier(event)) return;
      const chord = chordOf(event);
      const other = this.groups.flatMap(({ entries }) => entries).find(({ id }) => id !== entry.id && (own.value[id] ?? id) === chord);
      if (isTaken(chord)) this.told = this.words.taken.replace("{keys}", shown(chord));
      else if (other) this.told = this.words.used.replace("{keys}", shown(chord)).replace("{name}", other.label);
      else { bind(entry.id, chord); this.waiting = ""; this.told = ""; }
    },
    back(id) {
      const other = this.groups.flatMap(({ entries }) => entries).find((each) => each.id !== id && own.value[each.id] === id);
      if (other) this.told = this.words.used.replace("{keys}", shown(id)).replace("{name}", other.label);
      else { bind(id, null); this.told = ""; }
    },
    all() { reset(); this.told = ""; },
  },
};
