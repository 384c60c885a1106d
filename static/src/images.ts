/** Thumbnails by address: loaded once, drawn when there. Never full pictures: Python sends ≤ 256 px. */

const CAP = 300;

export class Images {
  private readonly known = new Map<string, HTMLImageElement>();
  private readonly ready: () => void;

  constructor(ready: () => void) {
    this.ready = ready;
  }

  /** The picture, or null while it loads or when it cannot be had. */
  get(url: string): HTMLImageElement | null {
    const known = this.known.get(url);
    if (known) return known.complete && known.naturalWidth > 0 ? known : null;
    if (!/^(https?:|data:image\/|blob:|\/|\.)/i.test(url)) return null;
    if (this.known.size >= CAP) this.known.delete(this.known.keys().next().value!);
    const image = new Image();
    image.addEventListener("load", this.ready);
    image.src = url;
    this.known.set(url, image);
    return null;
  }
}
