// A moment, said relatively; the exact one is in the title.
import { exact, iso, relative } from "sakuga-time";

export default {
  template: `<time v-if="at" :datetime="iso(at)" :title="exact(at)">{{ relative(at) }}</time><span v-else>–</span>`,
  props: { at: Number },
  methods: { exact, iso, relative },
};
