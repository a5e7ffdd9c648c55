import { countText } from '../core/fragment.ts'
import { describeSize } from '../core/size.ts'
import type { MessageView } from '../core/spool.ts'
import type { WallMs } from '../core/time.ts'
import { type Call, onBox, show } from './call.ts'
import { colourOf, type Paint } from './paint.ts'
import { oneLine } from './plain-text.ts'
import { whyOf } from './queue.ts'
import { tableLines } from './table.ts'
import { localTime, timeAndAge } from './times.ts'
import { done, failed, type Verdict } from './verdict.ts'

/** `message ID`: everything that happened to it; with `content` its octets instead, as they are. */
export function message(call: Call, id: string, options: { readonly content: boolean }): Promise<Verdict> {
  return onBox(call, async (operations) => {
    if (options.content) return await writeContent(call, await operations.content(id, call.world.who), id)
    const view = await operations.message(id)
    if (!view) return failed(`there is no message ${id}`)
    await show(call, view, (paint) => messageLines(view, call.world.clock.wall(), paint))
    return done
  })
}

async function writeContent(
  { world }: Call,
  content: AsyncIterable<Uint8Array> | undefined,
  id: string,
): Promise<Verdict> {
  if (!content) return failed(`the content of ${id} is not there (any more)`)
  for await (const piece of content) await world.out.write(piece)
  return done
}

function messageLines(view: MessageView, now: WallMs, paint: Paint): readonly string[] {
  return [
    paint('bold', oneLine(`Message ${view.id}  ${view.subject === '' ? '(no subject)' : view.subject}`)),
    ...factLines(view, now),
    ...section('Recipients', recipientLines(view, now, paint)),
    ...section('Timeline', timelineLines(view, now, paint)),
    ...view.attempts.flatMap((attempt) => dialogueLines(attempt, now)),
    ...section('Parts', partLines(view, paint)),
    ...section('Files', fileLines(view, paint)),
    ...outboxLines(view, now),
  ]
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

function factLines(view: MessageView, now: WallMs): readonly string[] {
  const doubt = view.clockBelievable ? '' : ', by a clock that was wrong'
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['accepted', `${timeAndAge(view.acceptedWall, now)}${doubt}`],
    ['device', view.device ?? `none (${view.kind})`],
    ['from', view.from],
    ['envelope from', view.reversePath === '' ? '<>' : view.reversePath],
    ['size', `${describeSize(view.size)}${view.hasBody ? '' : ', the body is gone'}`],
    ['Message-ID', view.headerMessageId],
    ['session', view.session],
    ['piece', pieceOf(view)],
    ['notable', view.fidelity.length > 0 ? view.fidelity.join(', ') : undefined],
  ]
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${name.padEnd(14)}${oneLine(value)}`],
  )
}

function pieceOf({ fragment, joinedFrom }: MessageView): string | undefined {
  if (fragment === undefined) return joinedFrom === undefined ? undefined : `joined from ${joinedFrom} pieces`
  const place = countText(fragment.number, fragment.total)
  if (fragment.joinedInto !== undefined) return `${place}, joined into ${fragment.joinedInto}`
  return fragment.here === undefined ? place : `${place}, ${fragment.here} are here`
}

function recipientLines(view: MessageView, now: WallMs, paint: Paint): readonly string[] {
  const rows = view.recipients.map((row) => [
    `${view.id}/${row.recipient}`,
    row.state,
    row.said === undefined ? row.address : `${row.address} (said: ${row.said})`,
    row.upstream ?? '',
    [whyOf(row, now), row.status ?? ''].filter((text) => text !== '').join(' '),
  ])
  const columns = [
    { title: 'ID' },
    { title: 'STATE', colour: colourOf },
    { title: 'TO', isFlexible: true },
    { title: 'WAY OUT', isFlexible: true },
    { title: 'WHY', isFlexible: true },
  ]
  return tableLines(columns, rows, paint, 98)
}

function timelineLines(view: MessageView, now: WallMs, paint: Paint): readonly string[] {
  if (view.attempts.length === 0) return []
  const rows = view.attempts.map((attempt) => [
    localTime(attempt.at, now),
    `${attempt.upstream} ${attempt.part}`,
    attempt.outcome,
    `${(attempt.tookMs / 1000).toFixed(1)} s`,
    attempt.detail,
  ])
  const columns = [
    { title: 'AT' },
    { title: 'PART' },
    { title: 'OUTCOME', colour: colourOf },
    { title: 'TOOK', align: 'right' as const },
    { title: 'DETAIL', isFlexible: true },
  ]
  return tableLines(columns, rows, paint, 98)
}

/** What was said with the server in an attempt that failed. */
function dialogueLines(attempt: MessageView['attempts'][number], now: WallMs): readonly string[] {
  if (attempt.dialogue === undefined) return []
  const title = `Said with ${attempt.upstream} ${attempt.part} at ${localTime(attempt.at, now)}`
  return section(oneLine(title), attempt.dialogue.split('\n').map(oneLine))
}

function partLines(view: MessageView, paint: Paint): readonly string[] {
  if (view.parts.length === 0) return []
  const rows = view.parts.map((part) => [
    `${part.upstream} ${part.number}${part.generation > 1 ? ` (again ${part.generation})` : ''}`,
    part.state,
    part.recipients.join(','),
    String(part.sends),
    part.operationId,
  ])
  const columns = [
    { title: 'PART' },
    { title: 'STATE', colour: colourOf },
    { title: 'RECIPIENTS', isFlexible: true },
    { title: 'SENT', align: 'right' as const },
    { title: 'OPERATION' },
  ]
  return tableLines(columns, rows, paint, 98)
}

function fileLines(view: MessageView, paint: Paint): readonly string[] {
  if (view.files.length === 0) return []
  const rows = view.files.map((file) => [file.name, file.type, describeSize(file.size)])
  const columns = [
    { title: 'NAME', isFlexible: true },
    { title: 'TYPE', isFlexible: true },
    { title: 'SIZE', align: 'right' as const },
  ]
  return tableLines(columns, rows, paint, 98)
}

function outboxLines(view: MessageView, now: WallMs): readonly string[] {
  if (!view.outbox) return []
  const header = view.outbox.header.split(/\r?\n/).filter((line) => line !== '')
  return section(
    `Kept in the outbox ${timeAndAge(view.outbox.at, now)} as it would have gone out from ${oneLine(view.outbox.sender)}`,
    header.map(oneLine),
  )
}
