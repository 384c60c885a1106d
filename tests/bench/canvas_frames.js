// Run inside the demo page by canvas.py: how long frames take while the view is dragged along.
window.bench = {
  frame: () => new Promise(requestAnimationFrame),
  median: (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0,

  async frames(count, step) {
    const gaps = [];
    const work = [];
    let before = await this.frame();
    for (let i = 0; i < count; i += 1) {
      const began = performance.now();
      step(i);
      work.push(performance.now() - began);
      const now = await this.frame();
      gaps.push(now - before);
      before = now;
    }
    gaps.splice(0, 5);
    const late = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length * 0.95)];
    return { frame: this.median(gaps), late, script: this.median(work) };
  },

  /** Pans to and fro over the middle of the graph; `scale` 0 shows all of it. */
  async pan(scale, count) {
    const view = window.__sakuga_view;
    const { ds } = view.surface;
    view.fit();
    if (scale) {
      const [w, h] = [view.chrome.width, view.chrome.height];
      const middle = [w / 2 / ds.scale - ds.offset[0], h / 2 / ds.scale - ds.offset[1]];
      ds.scale = scale;
      ds.offset = [w / 2 / scale - middle[0], h / 2 / scale - middle[1]];
    }
    view.surface.draw(true, true);
    await this.frame();
    const result = await this.frames(count, (i) => {
      view.surface.pan(i % 60 < 30 ? 9 : -9, i % 40 < 20 ? 4 : -4);
      view.surface.draw(true, true);
    });
    return { ...result, shown: view.surface.visible_nodes.length };
  },

  /** The least any canvas needs for the same picture: a box and a name per card in view, a line per link. */
  async floor(scale, count) {
    const view = window.__sakuga_view;
    const { ds, canvas, visible_nodes } = view.surface;
    const cards = visible_nodes.map(({ pos, size, label }) => [pos[0], pos[1], size[0], size[1], label ?? ""]);
    const plain = document.createElement("canvas");
    [plain.width, plain.height] = [canvas.width, canvas.height];
    plain.style.cssText = "position:fixed;inset:0;z-index:99";
    document.body.append(plain);
    const ctx = plain.getContext("2d");
    let [x, y] = ds.offset;
    const result = await this.frames(count, (i) => {
      x += (i % 60 < 30 ? 9 : -9) / ds.scale;
      y += (i % 40 < 20 ? 4 : -4) / ds.scale;
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.fillStyle = "#0f1013";
      ctx.fillRect(0, 0, plain.width, plain.height);
      ctx.setTransform(ds.scale, 0, 0, ds.scale, x * ds.scale, y * ds.scale);
      ctx.strokeStyle = "#7fb6ff";
      ctx.beginPath();
      for (let j = 1; j < cards.length; j += 1) {
        ctx.moveTo(cards[j - 1][0], cards[j - 1][1]);
        ctx.lineTo(cards[j][0], cards[j][1]);
      }
      ctx.stroke();
      ctx.font = "13px sans-serif";
      for (const [left, top, w, h, name] of cards) {
        ctx.fillStyle = "#1a1c21";
        ctx.fillRect(left, top, w, h);
        if (ds.scale < 0.3) continue;
        ctx.fillStyle = "#eceef2";
        ctx.fillText(name, left + 38, top + 24);
      }
    });
    plain.remove();
    return result;
  },

  /** From asking the server to the first painted frame. */
  async load(url) {
    const view = window.__sakuga_view;
    const began = performance.now();
    const payload = await (await fetch(url, { cache: "no-store" })).json();
    const got = performance.now();
    view.load(payload);
    const shown = performance.now();
    await this.frame();
    await this.frame();
    return { fetch: got - began, load: shown - got, painted: performance.now() - began };
  },
};
