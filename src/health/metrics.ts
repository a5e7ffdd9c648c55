import type { Alert } from '../core/alerts.ts'
import type { MachineSigns } from '../core/machine-troubles.ts'
import type { ListenerView, UpstreamView } from '../core/operations.ts'
import { openStates } from '../core/outcome.ts'
import type { QueueCounts } from '../core/spool.ts'
import { exposition, type MetricFamily, type MetricSample } from './exposition.ts'
import { machineFamilies } from './machine-metrics.ts'

/** Everything that is measured, as plain values at one moment. Counters count since the start of the process. */
export interface Measurements {
  readonly version: string
  readonly messagesAccepted: number
  /** By reply code: `552`. */
  readonly messagesRefused: ReadonlyMap<string, number>
  /** By `UPSTREAM OUTCOME`, as delivery counts them. */
  readonly attempts: ReadonlyMap<string, number>
  /** Octets handed to a socket again: each may be a second copy. */
  readonly repeatedParts: number
  /** By `UPSTREAM what`: what came out of the queues of delivery reports. */
  readonly reports: ReadonlyMap<string, number>
  readonly queue: QueueCounts
  readonly upstreams: readonly UpstreamView[]
  readonly listeners: readonly Pick<ListenerView, 'name' | 'trouble'>[]
  /** Only how many of a kind: keys and sentences may name addresses. */
  readonly alerts: readonly Pick<Alert, 'key' | 'severity'>[]
  readonly diskFreeBytes: number
  readonly memoryBudgetUsedBytes: number
  readonly residentBytes: number
  readonly sessionsOpen: number
  /** Undefined: nobody looked yet. */
  readonly machine: MachineSigns | undefined
  /** Wall clock in ms, to tell ages. */
  readonly now: number
}

/** The text of `/metrics`. Names of ways out and listeners are labels, addresses never. */
export const metricsText = (measured: Measurements): string => exposition(familiesOf(measured))

function familiesOf(m: Measurements): readonly MetricFamily[] {
  return [
    gauge('build_info', 'The running version.', [{ labels: { version: m.version }, value: 1 }]),
    counter('messages_accepted_total', 'Messages acknowledged with 250.', one(m.messagesAccepted)),
    counter('messages_refused_total', 'Refusals by SMTP reply code.', by('code', m.messagesRefused)),
    counter('attempts_total', 'Attempts by way out and outcome.', attemptSamples(m.attempts)),
    counter('repeated_parts_total', 'Parts handed to a socket again.', one(m.repeatedParts)),
    counter(
      'delivery_reports_total',
      'Delivery reports by way out and fate.',
      attemptSamples(m.reports, 'fate'),
    ),
    gauge('deliveries', 'Deliveries in the spool by state.', stateSamples(m.queue)),
    gauge('queue_depth', 'Deliveries that are not finished.', one(openCount(m.queue))),
    gauge('queue_oldest_seconds', 'Age of the oldest open delivery.', one(oldestSeconds(m))),
    gauge('spool_bytes', 'Octets of spooled messages.', one(m.queue.bytes)),
    gauge('quota_left', 'What a quota window still allows.', quotaSamples(m.upstreams)),
    gauge('upstream_paused', '1 while a way out is paused.', pausedSamples(m.upstreams)),
    gauge('listener_up', '1 while a listener accepts.', listenerSamples(m)),
    gauge(
      'alerts',
      'Active alerts by severity.',
      by(
        'severity',
        countBy(m.alerts, ({ severity }) => severity),
      ),
    ),
    gauge('alert', 'Active alerts by kind and severity.', alertSamples(m.alerts)),
    gauge('disk_free_bytes', 'Free space for the spool.', one(m.diskFreeBytes)),
    gauge('memory_budget_used_bytes', 'Memory that mail holds.', one(m.memoryBudgetUsedBytes)),
    gauge('resident_memory_bytes', 'Memory of the process.', one(m.residentBytes)),
    gauge('sessions_open', 'SMTP sessions at this moment.', one(m.sessionsOpen)),
    ...(m.machine ? machineFamilies(m.machine) : []),
  ]
}

const family =
  (type: MetricFamily['type']) =>
  (name: string, help: string, samples: readonly MetricSample[]): MetricFamily => ({
    name,
    help,
    type,
    samples,
  })
const gauge = family('gauge')
const counter = family('counter')

const one = (value: number): readonly MetricSample[] => [{ labels: {}, value }]

const by = (label: string, counts: ReadonlyMap<string, number>): readonly MetricSample[] =>
  [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }))

const countBy = <T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(all, nameOf)].map(([name, some]) => [name, some.length]))

/** Of `upstream-paused/acs <scanner@contoso.com>` the kind alone. */
const alertSamples = (alerts: Measurements['alerts']): readonly MetricSample[] =>
  [...countBy(alerts, ({ key, severity }) => `${key.split('/', 1)} ${severity}`)].map(([name, value]) => {
    const [key = '', severity = ''] = name.split(' ')
    return { labels: { key, severity }, value }
  })

function attemptSamples(attempts: ReadonlyMap<string, number>, label = 'outcome'): readonly MetricSample[] {
  return [...attempts].map(([name, value]) => {
    const cut = name.lastIndexOf(' ')
    return { labels: { upstream: name.slice(0, cut), [label]: name.slice(cut + 1) }, value }
  })
}

const stateSamples = ({ byState }: QueueCounts): readonly MetricSample[] =>
  Object.entries(byState).map(([state, value]) => ({ labels: { state }, value }))

const openCount = ({ byState }: QueueCounts): number =>
  [...openStates].reduce((sum, state) => sum + (byState[state] ?? 0), 0)

const oldestSeconds = ({ queue, now }: Measurements): number =>
  queue.oldestOpen === undefined ? 0 : Math.max(0, (now - queue.oldestOpen) / 1000)

const quotaSamples = (upstreams: readonly UpstreamView[]): readonly MetricSample[] =>
  upstreams.flatMap(({ name, quota }) =>
    quota.map(({ window, left }) => ({ labels: { upstream: name, window }, value: left })),
  )

const pausedSamples = (upstreams: readonly UpstreamView[]): readonly MetricSample[] =>
  upstreams.map(({ name, state }) => ({ labels: { upstream: name }, value: state === 'paused' ? 1 : 0 }))

const listenerSamples = ({ listeners }: Measurements): readonly MetricSample[] =>
  listeners.map(({ name, trouble }) => ({ labels: { listener: name }, value: trouble === '' ? 1 : 0 }))
