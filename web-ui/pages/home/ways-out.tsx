import type { HomeUpstream, QuotaBar } from '../../../src/core/home.ts'
import { Bar } from '../../parts/bar.tsx'
import { type Mood, StateWord } from '../../parts/state-word.tsx'
import { to } from '../../router.ts'
import type { Key } from '../../words/en.ts'
import { formatSpan } from '../../words/formats.ts'
import { formatNumber, t } from '../../words/language.ts'

const states: Readonly<Record<string, { readonly word: Key; readonly mood: Mood }>> = {
  ready: { word: 'upstream.ready', mood: 'good' },
  paused: { word: 'upstream.paused', mood: 'bad' },
  throttled: { word: 'upstream.throttled', mood: 'warn' },
  trying: { word: 'upstream.trying', mood: 'busy' },
  retired: { word: 'upstream.retired', mood: 'idle' },
}

/** By which ways mail goes, how much of each quota is used, and when what waits will have left. */
export function WaysOut({ upstreams }: { readonly upstreams: readonly HomeUpstream[] }) {
  const shown = upstreams.filter(({ kind }) => kind !== 'outbox')
  if (shown.length === 0) return null
  return (
    <section>
      <h2>{t('home.ways-out')}</h2>
      {shown.map((upstream) => (
        <WayOut key={upstream.name} upstream={upstream} />
      ))}
    </section>
  )
}

function WayOut({ upstream: { name, state, quota, forecast } }: { readonly upstream: HomeUpstream }) {
  const { word, mood } = states[state] ?? { word: 'upstream.ready', mood: 'unknown' }
  return (
    <section class="card">
      <h3 class="with-state">
        <a href={to('upstreams', name)}>
          <bdi>{name}</bdi>
        </a>
        <StateWord mood={mood}>{t(word)}</StateWord>
      </h3>
      {quota.map((bar) => (
        <QuotaOf key={`${bar.of} ${bar.windowMs}`} name={name} bar={bar} />
      ))}
      {forecast.kind === 'leaves' && forecast.lastInMs > 0 && (
        <p>{t('home.forecast-leaves', { count: forecast.waiting, span: formatSpan(forecast.lastInMs) })}</p>
      )}
      {forecast.kind === 'paused' && forecast.waiting > 0 && (
        <p>{t('home.forecast-paused', { count: forecast.waiting })}</p>
      )}
    </section>
  )
}

/** Half a quota gone is nothing; a tenth left is worth a look. */
const nearlyUsed = 0.9

function QuotaOf({
  name,
  bar: { of, windowMs, limit, left },
}: {
  readonly name: string
  readonly bar: QuotaBar
}) {
  const used = limit - left
  const label = t(`home.quota.${of}`, { span: formatSpan(windowMs) })
  return (
    <Bar
      label={label}
      spoken={`${name}: ${label}`}
      value={used}
      max={limit}
      words={t('home.quota-used', { used: formatNumber(used), limit: formatNumber(limit) })}
      mood={left === 0 ? 'bad' : used / limit >= nearlyUsed ? 'warn' : 'good'}
    />
  )
}
