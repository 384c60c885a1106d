// A page of rows. One property carries them all, so a live update is one small message.
import { exact, iso, relative } from "sakuga-time";

export default {
  template: `
  <div class="sk-scroll"><table class="sk-table sk-table--cards">
    <thead><tr><th v-for="c in shown" :key="c.name" scope="col" :class="{ 'sk-end': c.end }"><span :class="{ 'sk-sr': c.quiet }">{{ c.label }}</span></th></tr></thead>
    <tbody><tr v-for="row in rows" :key="row.key" :data-link="row.href || null" :data-key="row.key">
      <td v-for="c in shown" :key="c.name" :class="[c.end ? 'sk-end' : '', c.kind === 'main' ? 'sk-main-cell' : '', c.kind === 'thumb' ? 'sk-thumb-cell' : '', c.wide ? 'sk-wide' : '', row[c.name] === '–' ? 'sk-none' : '']" :data-label="c.named ? c.label : null">
        <template v-if="c.kind === 'thumb'">
          <img v-if="row[c.name]" class="sk-thumb" :src="row[c.name]" alt="" loading="lazy" decoding="async">
          <span v-else class="sk-thumb sk-thumb--none"><i class="material-icons-outlined" aria-hidden="true">image</i></span>
        </template>
        <template v-else-if="c.kind === 'main'">
          <a v-if="row.href" class="sk-cell-link" :href="row.href">{{ row[c.name] }}</a><template v-else>{{ row[c.name] }}</template>
          <span v-if="row.note" class="sk-cell-note" :title="row.note">{{ row.note }}</span>
        </template>
        <span v-else-if="c.kind === 'status' && row[c.name]" class="sk-status" :data-tone="row[c.name].tone" :title="row[c.name].title || null">
          <i class="material-icons-outlined" aria-hidden="true">{{ row[c.name].icon }}</i>{{ row[c.name].text }}</span>
        <time v-else-if="c.kind === 'when' && row[c.name]" :datetime="iso(row[c.name])" :title="exact(row[c.name])">{{ relative(row[c.name]) }}</time>
        <code v-else-if="c.kind === 'code'" class="sk-small">{{ row[c.name] }}</code>
        <button v-else-if="c.kind === 'action' && row[c.name]" type="button" class="q-btn sk-btn sk-btn--small" @click="$emit('act', { key: row.key, name: c.name })">{{ row[c.name] }}</button>
        <template v-else-if="c.kind !== 'when' && c.kind !== 'status' && c.kind !== 'action'">{{ row[c.name] }}</template>
      </td>
    </tr></tbody>
  </table></div>`,
  props: { columns: Array, rows: Array },
  emits: ["act"],
  computed: {
    shown() { return this.columns.filter((each) => !each.optional || this.rows.some((row) => row[each.name])); },
  },
  methods: { exact, iso, relative },
};
