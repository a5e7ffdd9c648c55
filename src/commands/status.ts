import type { StatusView, UpstreamView } from '../core/operations.ts'
import { openStates } from '../core/outcome.ts'
import { describeSize } from '../core/size.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { colourOf, type Paint } from './paint.ts'
import { countOf, oneLine, wrap } from './plain-text.ts'
import { tableLines } from './table.ts'
import { age, span, timeAndAge } from './times.ts'
import { done, type Verdict } from './verdict.ts'

/** `status`: what a technician asks first, on one screen. */
export function status(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const [view, board] = await Promise.all([operations.status(), call.world.machine()])
    const machine = [board.manufacturer, board.model].filter((text) => text !== '').join(' ')
    await show(call, { ...view, machine }, (paint) => statusLines(view, machine, paint))
    return done
  })
}

function statusLines(view: StatusView, machine: string, paint: Paint): readonly string[] {
  const now = view.clock.wall
  return [
    paint('bold', `${oneLine(view.name)}  inkpost ${view.version}`),
    fact('gateway', runningWords(view, now)),
    ...(machine === '' ? [] : [fact('machine', machine)]),
    ...(view.console === '' ? [] : [fact('console', view.console)]),
    fact('settings', `revision ${view.revision}${view.vault === 'open' ? '' : ', vault locked'}`),
    ...(view.clock.believable ? [] : [fact('clock', 'wrong: sending waits until it is set')]),
    fact('queue', queueWords(view, now)),
    fact('disk', diskWords(view)),
    ...(view.takeOver ? [fact('take-over', takeOverWords(view.takeOver))] : []),
    '',
    ...listenerLines(view, paint),
    '',
    ...upstreamLines(view.upstreams, paint),
    '',
    ...alertLines(view, now, paint),
  ]
}

const fact = (name: string, value: string): string => `${name.padEnd(10)}${oneLine(value)}`

function runningWords({ running, since }: StatusView, now: WallMs): string {
  if (!running) return 'not running'
  return since === undefined ? 'running' : `running since ${timeAndAge(since, now)}`
}

const takeOverWords = ({ subnet, openedBy, leftMs }: NonNullable<StatusView['takeOver']>): string =>
  `unknown devices of ${subnet} are let in for ${span(leftMs)} more (opened by ${openedBy}); their mail is held`

function queueWords({ queue }: StatusView, now: WallMs): string {
  const open = Object.entries(queue.byState).filter(([state, n]) => n > 0 && isOpen(state))
  const total = open.reduce((sum, [, n]) => sum + n, 0)
  if (total === 0) return 'empty'
  const states = open.map(([state, n]) => `${n} ${state}`).join(', ')
  const oldest = queue.oldestOpen === undefined ? '' : `, oldest from ${age(queue.oldestOpen, now)}`
  return `${countOf(total, 'delivery', 'deliveries')} (${states}), ${describeSize(queue.bytes)}${oldest}`
}

const isOpen = (state: string): boolean => [...openStates].some((open) => open === state)

function diskWords({ disk }: StatusView): string {
  const detail = disk.detail === '' ? '' : `: ${disk.detail}`
  return `${describeSize(disk.freeBytes)} free, ${disk.writable ? 'writable' : 'NOT writable'}${detail}`
}

function listenerLines({ listeners }: StatusView, paint: Paint): readonly string[] {
  if (listeners.length === 0) return ['No listeners.']
  const columns = [
    { title: 'LISTENER', isFlexible: true },
    { title: 'ADDRESS' },
    { title: 'PROTOCOL' },
    { title: 'SECURITY' },
    { title: 'STATE', isFlexible: true, colour: (cell: string) => colourOf(cell) ?? 'red' },
  ]
  const rows = listeners.map(({ name, address, port, security, protocol, trouble }) => [
    name,
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    protocol,
    security,
    trouble === '' ? 'accepts' : trouble,
  ])
  return tableLines(columns, rows, paint)
}

function upstreamLines(upstreams: readonly UpstreamView[], paint: Paint): readonly string[] {
  if (upstreams.length === 0) return ['No way out is set up: mail waits.']
  const columns = [
    { title: 'WAY OUT', isFlexible: true },
    { title: 'KIND' },
    { title: 'STATE', colour: colourOf },
    { title: 'IN FLIGHT', align: 'right' as const },
    { title: 'WAITING', align: 'right' as const },
    { title: 'QUOTA LEFT', isFlexible: true },
  ]
  const rows = upstreams.map((upstream) => [
    upstream.name,
    upstream.kind,
    upstream.state,
    String(upstream.inFlight),
    String(upstream.waiting),
    upstream.quota.map(({ window, limit, left }) => `${left} of ${limit} ${window}`).join(', '),
  ])
  return [...tableLines(columns, rows, paint), ...upstreams.flatMap(troubleLines)]
}

function troubleLines({ name, reason, remedy, nextTryInMs }: UpstreamView): readonly string[] {
  if (reason === '') return []
  const next = nextTryInMs === undefined ? '' : ` (next try in ${span(nextTryInMs)})`
  return [...indented(`${name}: ${reason}${next}`), ...(remedy === '' ? [] : indented(`→ ${remedy}`))]
}

const indented = (text: string): readonly string[] =>
  wrap(text, 94).map((line, at) => (at === 0 ? `  ${line}` : `    ${line}`))

function alertLines({ alerts }: StatusView, now: WallMs, paint: Paint): readonly string[] {
  if (alerts.length === 0) return ['No alerts.']
  return [
    paint('dim', 'ALERTS'),
    ...alerts.flatMap(({ severity, sentence, remedy, since }) => [
      ...wrap(`${severity}: ${sentence} (${age(since, now)})`, 98).map((line, at) =>
        at === 0 ? paint(colourOf(severity), line) : `  ${line}`,
      ),
      ...(remedy === '' ? [] : indented(`→ ${remedy}`)),
    ]),
  ]
}
