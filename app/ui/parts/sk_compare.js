// Two pictures against each other: side by side, under a slider, in turns, or their difference.
const MODES = ["slider", "side", "flicker", "difference"];
const TURN_MS = 700;

export default {
  template: `
  <div class="sk-cmp" @keydown="key">
    <div class="sk-cmp__modes" role="group" :aria-label="words.how">
      <button v-for="(name, i) in modes" :key="name" type="button" class="sk-tab" :aria-pressed="String(mode === name)"
        :title="words[name] + ' (' + (i + 1) + ')'" @click="turn(name)">{{ words[name] }}</button>
    </div>
    <div v-if="mode === 'side'" class="sk-cmp__two">
      <figure><img :src="a" :alt="words.a"><figcaption>A</figcaption></figure>
      <figure><img :src="b" :alt="words.b"><figcaption>B</figcaption></figure>
    </div>
    <div v-else class="sk-cmp__stage" :data-mode="mode" :style="{ aspectRatio: ratio, '--at': at + '%' }">
      <img class="sk-cmp__under" :src="mode === 'flicker' && shown === 'b' ? b : mode === 'flicker' ? a : b" :alt="mode === 'flicker' ? words[shown] : words.b">
      <img v-if="mode !== 'flicker'" class="sk-cmp__over" :src="a" :alt="words.a">
      <template v-if="mode === 'slider'">
        <span class="sk-cmp__line" aria-hidden="true"></span>
        <input class="sk-cmp__range" type="range" min="0" max="100" v-model.number="at" :aria-label="words.slider">
      </template>
      <span v-if="mode === 'slider'" class="sk-cmp__name sk-cmp__name--a" aria-hidden="true">A</span>
      <span v-if="mode === 'slider'" class="sk-cmp__name sk-cmp__name--b" aria-hidden="true">B</span>
      <button v-if="mode === 'flicker'" type="button" class="sk-cmp__name sk-cmp__swap" @click="swap">{{ shown.toUpperCase() }}</button>
    </div>
  </div>`,
  props: { a: String, b: String, ratio: Number, words: Object, start: String },
  emits: ["mode"],
  data() {
    return { mode: MODES.includes(this.start) ? this.start : "slider", at: 50, shown: "a", timer: 0, modes: MODES };
  },
  mounted() {
    this.run();
  },
  unmounted() {
    clearInterval(this.timer);
  },
  methods: {
    turn(name) {
      this.mode = name;
      this.$emit("mode", { name });
      this.run();
    },
    run() {
      clearInterval(this.timer);
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (this.mode === "flicker" && !still) this.timer = setInterval(this.flip, TURN_MS);
    },
    flip() {
      this.shown = this.shown === "a" ? "b" : "a";
    },
    swap() {
      clearInterval(this.timer); // who turns by hand wants to look at one of them
      this.flip();
    },
    key(event) {
      const place = "1234".indexOf(event.key);
      if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.turn(MODES[place]);
    },
  },
};
