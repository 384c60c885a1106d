// A moment in the viewer's own time.
import { byTheMinute, exact, iso } from "sakuga-time";

export default {
  template: `<time :datetime="iso(at)" :title="exact(at)">{{ minute ? byTheMinute(at) : exact(at) }}</time>`,
  props: { at: Number, minute: Boolean },
  methods: { byTheMinute, exact, iso },
};
