// Results as cells, one for each row of a table: moved through by arrow keys, judged by single letters.
const KEYS = { a: "approve", r: "reject", g: "again", e: "edit", u: "clear", Enter: "open", " ": "open" };

export default {
  template: `
  <div class="sk-grid" role="grid" :aria-label="words.label" :aria-rowcount="cells.length" @keydown="key">
    <div v-for="(cell, i) in cells" :key="cell.key" role="row" class="sk-grid__row">
      <div role="gridcell" class="sk-cell" :data-verdict="cell.verdict || null" :data-key="cell.key" :tabindex="i === at ? 0 : -1"
        :aria-label="cell.said" @focus="at = i">
        <button type="button" class="sk-cell__picture" tabindex="-1" :aria-label="words.open" @click="act(cell, 'open')">
          <img v-if="cell.thumb" :src="cell.thumb" alt="" loading="lazy" decoding="async">
          <i v-else class="material-icons-outlined" aria-hidden="true">{{ cell.status.icon }}</i>
          <span v-if="cell.verdict" class="sk-cell__verdict"><i class="material-icons-outlined" aria-hidden="true">{{ cell.verdict === 'approved' ? 'check_circle' : 'cancel' }}</i>{{ cell.verdictText }}</span>
        </button>
        <div class="sk-cell__text">
          <span class="sk-row sk-row--between"><span class="sk-num sk-muted sk-small">{{ cell.number }}</span>
            <span class="sk-status sk-small" :data-tone="cell.status.tone"><i class="material-icons-outlined" aria-hidden="true">{{ cell.status.icon }}</i>{{ cell.status.text }}</span></span>
          <span class="sk-cut sk-small" :title="cell.fields">{{ cell.fields }}</span>
          <span v-if="cell.problem" class="sk-cut sk-small sk-cell__problem" :title="cell.problem">{{ cell.problem }}</span>
        </div>
        <div v-if="cell.ended" class="sk-cell__acts">
          <button v-for="name in acts" :key="name" type="button" class="sk-cell__act" tabindex="-1" :data-act="name" :title="words[name]" :aria-label="words[name]"
            :aria-pressed="String(cell.verdict === verdicts[name])" @click="act(cell, name)"><i class="material-icons-outlined" aria-hidden="true">{{ icons[name] }}</i></button>
        </div>
      </div>
    </div>
  </div>`,
  props: { cells: Array, words: Object, acts: Array },
  emits: ["act"],
  data() {
    const icons = { approve: "thumb_up", reject: "thumb_down", again: "refresh", edit: "edit" };
    return { at: 0, icons, verdicts: { approve: "approved", reject: "rejected" } };
  },
  watch: {
    cells(now) {
      if (this.at >= now.length) this.at = Math.max(0, now.length - 1);
    },
  },
  methods: {
    act(cell, name) {
      this.at = this.cells.indexOf(cell);
      this.$emit("act", { key: cell.key, name });
    },
    across() {
      const all = [...this.$el.querySelectorAll(".sk-cell")];
      const top = all[0]?.getBoundingClientRect().top;
      return Math.max(1, all.filter((each) => each.getBoundingClientRect().top === top).length);
    },
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !event.target.closest(".sk-cell")) return;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.across(), ArrowUp: -this.across() }[event.key];
      const edge = { Home: 0, End: this.cells.length - 1 }[event.key];
      const name = KEYS[event.key];
      const inside = event.target.closest("button");
      if (step !== undefined || edge !== undefined) this.go(edge ?? this.at + step);
      else if (name && !(inside && (event.key === "Enter" || event.key === " "))) {
        const cell = this.cells[this.at];
        if (name === "open" || (cell.ended && (this.acts.includes(name) || (name === "clear" && this.acts.includes("approve"))))) this.$emit("act", { key: cell.key, name });
      } else return;
      event.preventDefault();
    },
    go(place) {
      this.at = Math.max(0, Math.min(this.cells.length - 1, place));
      this.$nextTick(() => this.$el.querySelectorAll(".sk-cell")[this.at]?.focus());
    },
  },
};
