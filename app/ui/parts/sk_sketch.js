// A graph in miniature: boxes and lines in the page's own colours.
export default {
  template: `<svg class="sk-sketch" :viewBox="view" preserveAspectRatio="xMidYMid meet" aria-hidden="true">
    <path v-for="(line, i) in lines" :key="'l' + i" :d="line" class="sk-sketch__line" />
    <g v-for="(box, i) in boxes" :key="'b' + i">
      <rect :x="box[0]" :y="box[1]" :width="box[2]" :height="box[3]" rx="14" class="sk-sketch__box" />
      <rect :x="box[0] + 18" :y="box[1] + 20" :width="box[2] * 0.45" height="14" rx="7" class="sk-sketch__text" />
    </g>
  </svg>`,
  props: { boxes: Array, lines: Array, view: String },
};
