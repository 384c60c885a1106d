// The Vue side of element.py: mounts GraphView, forwards methods down and events up.
import { adopt, apply, GraphView, Journal, landing, middle, Overlay, pauseForms, recover, Remote, speak } from "graph-canvas";

const SOCKET_LIMIT = 200_000; // the websocket drops messages near 1 MB

const plain = (value) => JSON.parse(JSON.stringify(value ?? null)); // props are deep Vue proxies

// Rows as spreadsheets copy them: a head line and at least one more, cells parted by tab, comma or semicolon.
const isTable = (text) => {
  const lines = text.trim().split("\n", 2);
  return lines.length > 1 && text.length < 900_000 && !/^[{[]/.test(text.trimStart()) && /[\t,;]/.test(lines[0]);
};

export default {
  template: `<div style="position:relative;overflow:hidden" @dragover.prevent="over" @drop.prevent="drop"></div>`,
  props: {
    nodeTypes: Array,
    accepts: Object,
    graphUrl: String,
    patchUrl: String,
    theme: String,
    readOnly: Boolean,
    words: Object,
    asks: Array,
  },
  mounted() {
    this.queue = Promise.resolve();
    this.untold = [];
    this.journal = this.patchUrl && !this.readOnly ? Vue.markRaw(new Journal(location.pathname, sessionStorage)) : null;
    this.off = new AbortController();
    speak(plain(this.words));
    const tell = (name) => (value) => this.tell(name, value);
    this.view = Vue.markRaw(
      new GraphView(this.$el, {
        types: plain(this.nodeTypes) ?? [],
        accepts: plain(this.accepts) ?? {},
        theme: this.theme,
        readOnly: this.readOnly,
        onChange: (patch, before) => {
          this.journal?.keep(patch, before);
          this.send({ ...patch, seen: this.remote.seen });
        },
        onSelect: tell("graph-select"),
        onRefused: (reason) => this.tell("graph-refused", { reason }),
        onDropNode: tell("graph-drop"),
        onOpen: (id) => this.tell("graph-open", { id }),
        onMenu: tell("graph-menu"),
        onAsk: tell("graph-ask"),
        ...(this.patchUrl ? { onCheckPaste: (text) => this.check(text) } : {}),
        asks: plain(this.asks) ?? [],
        onShortcut: (name) => this.tell("graph-shortcut", { name }),
        onHistory: tell("graph-history"),
        onZoom: (scale) => this.tell("graph-zoom", { scale }),
      }),
    );
    this.overlay = Vue.markRaw(new Overlay(this.view));
    this.remote = Vue.markRaw(new Remote(this.view));
    this.pasted = (event) => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (document.activeElement === this.view.element && !this.readOnly && isTable(text)) this.tell("graph-rows", { text });
    };
    document.addEventListener("paste", this.pasted);
    this.$el.view = this.view;
    // where a file lands that is dropped on the canvas, or pasted while it has the keyboard
    this.$el.landing = (event) => landing(this.view, event);
    this.$el.pasting = () => (document.activeElement === this.view.element ? middle(this.view) : null);
    // of two canvases on a page, the one that was there first
    window.__sakuga_view ??= this.view;
    const { signal } = this.off;
    window.addEventListener("pagehide", () => this.view.flush(), { signal });
    this.heard = [["disconnect", () => pauseForms(true)], ["connect", () => pauseForms(false)]];
    if (this.journal) for (const [name, act] of this.heard) window.socket?.on(name, act);
    this.tell("graph-ready", {});
    if (this.graphUrl) this.load();
  },
  unmounted() {
    document.removeEventListener("paste", this.pasted);
    this.off.abort();
    for (const [name, act] of this.heard) window.socket?.off(name, act);
    clearTimeout(this.telling);
    this.remote.stop();
    this.view.destroy();
    if (window.__sakuga_view === this.view) delete window.__sakuga_view;
  },
  watch: {
    theme(name) {
      this.view.setTheme(name);
    },
    readOnly(on) {
      this.view.setReadOnly(on);
    },
  },
  methods: {
    async load(url, keepView) {
      this.remote.hold();
      try {
        const answer = await fetch(url || this.graphUrl, { credentials: "same-origin", cache: "no-store" });
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        const payload = await answer.json();
        const merged = this.view.load(payload, keepView);
        this.overlay.setMarks(payload.marks);
        this.remote.loaded(payload.seen);
        if (merged && !this.readOnly) this.sendDocument();
        if (this.journal && recover(this.view, this.journal)) this.tell("graph-recovered", {});
        this.tell("graph-loaded", { revision: payload.revision ?? 0, nodes: this.view.model.cards.size });
      } catch (error) {
        this.remote.loaded();
        this.tell("graph-failed", { reason: String(error.message ?? error) });
      }
    },
    // Before the page's connection stands each event would wait by itself, and the last one could arrive first.
    tell(name, value) {
      this.untold.push([name, value]);
      this.tellAll();
    },
    tellAll() {
      clearTimeout(this.telling);
      if (!window.did_handshake) this.telling = setTimeout(() => this.tellAll(), 10);
      else for (const event of this.untold.splice(0)) this.$emit(...event);
    },
    // One after the other: a large patch over HTTP must not be overtaken by a small one on the socket.
    send(patch) {
      this.queue = this.queue.then(() => this.deliver(patch)).catch((error) => {
        this.tell("graph-failed", { reason: `changes could not be sent: ${error.message ?? error}` });
      });
    },
    async deliver(patch) {
      const body = JSON.stringify(patch);
      if (body.length < SOCKET_LIMIT || !this.patchUrl) return this.tell("graph-change", patch);
      const headers = { "Content-Type": "application/json", "X-Requested-With": "sakuga-canvas" };
      const answer = await fetch(this.patchUrl, { method: "POST", credentials: "same-origin", headers, body });
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    },
    async check(text) {
      const headers = { "Content-Type": "application/json", "X-Requested-With": "sakuga-canvas" };
      const answer = await fetch(`${this.patchUrl}/paste`, { method: "POST", credentials: "same-origin", headers, body: text });
      return answer.ok ? answer.json() : { reason: `the server answered ${answer.status}` };
    },
    over(event) {
      if (event.dataTransfer) event.dataTransfer.dropEffect = this.readOnly ? "none" : "copy";
    },
    drop(event) {
      const data = event.dataTransfer?.getData("application/x-sakuga-node");
      if (data) this.view.add.dropped(data, event);
    },
    sendDocument() {
      this.view.flush();
      this.send({ rev: this.view.editor.rev, seen: this.remote.seen, document: this.view.save() });
    },
    async adopt(url) {
      try {
        const answer = await fetch(url, { credentials: "same-origin", cache: "no-store" });
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        adopt(this.view, await answer.json());
        return true;
      } catch (error) {
        this.tell("graph-failed", { reason: String(error.message ?? error) });
        return false;
      }
    },
    apply(delta) {
      apply(this.view, delta);
    },
    takeRemote(number, delta) {
      this.remote.take(number, delta);
    },
    setPeers(peers) {
      this.overlay.setPeers(peers);
    },
    saved(rev) {
      this.journal?.saved(rev);
    },
    status(batch) {
      this.view.status(batch);
    },
    clearStatus() {
      this.view.clearStatus();
    },
    setMarks(marks) {
      this.view.runs.mark(marks);
    },
    setSockets(sockets) {
      this.view.setSockets(sockets);
    },
    setProblems(problems) {
      this.view.setProblems(problems);
    },
    setSettings(id, settings, title, cache) {
      this.view.setSettings(id, settings, title, cache);
    },
    addNode(type, x, y, settings, from, to) {
      return this.view.add.node(type, x, y, settings, { from, to });
    },
    addNote(x, y, text) {
      return this.view.add.note(x, y, text);
    },
    groupSelection(title) {
      return this.view.add.group(title);
    },
    act(name) {
      return this.view.acts.run(name);
    },
    focusNode(id) {
      this.view.focusNode(id);
    },
    select(ids) {
      this.view.select(ids);
    },
    fit() {
      this.view.fit();
    },
    zoom(factor) {
      this.view.zoom(factor);
    },
    zoomToSelection() {
      this.view.zoomToSelection();
    },
    undo() {
      this.view.undo();
    },
    redo() {
      this.view.redo();
    },
    duplicate() {
      this.view.commands.duplicate();
    },
    deleteSelection() {
      this.view.deleteSelection();
    },
    flush() {
      this.view.flush();
    },
  },
};
