// A moment in the viewer's own time.
import { exact, iso } from "sakuga-time";

export default {
  template: `<time :datetime="iso(at)">{{ exact(at) }}</time>`,
  props: { at: Number },
  methods: { exact, iso },
};
