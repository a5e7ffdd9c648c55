import type { DeviceDay } from '../core/device-view.ts'
import type { RowChange } from '../core/setup-operations.ts'
import { type Call, onBox, show } from './call.ts'
import type { Paint } from './paint.ts'
import { oneLine } from './plain-text.ts'
import { type Column, tableLines } from './table.ts'
import { span } from './times.ts'
import { done, refusedBy, type Verdict, wrong } from './verdict.ts'

/** `device set NAME KEY=VALUE…`: values as the setup document writes them, a text without its quotes; empty: the default. */
export function setDevice(call: Call, name: string, words: readonly string[]): Promise<Verdict> {
  const change: Record<string, RowChange[string]> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 1) return Promise.resolve(wrong(`${word} is no KEY=VALUE such as max_per_hour=400`))
    change[word.slice(0, at)] = writtenValue(word.slice(at + 1))
  }
  return onBox(call, async (operations) => {
    const result = await operations.editDevice(name, change, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const lines = [...result.changes, ...result.remarks]
    await show(call, result, () => (lines.length > 0 ? lines.map(oneLine) : ['It was so already.']))
    return done
  })
}

/** `400`, `true`, `["a@b.example"]`, `"1234"`, else the text itself. */
export function writtenValue(text: string): RowChange[string] {
  if (text === '') return null
  if (!/^(?:\d+|true|false|\[.*\]|".*")$/s.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const columns: readonly Column[] = [
  { title: 'DAY' },
  { title: 'MAILS', align: 'right' },
  { title: 'SENT', align: 'right' },
  { title: 'WAITING', align: 'right' },
  { title: 'BOUNCED', align: 'right' },
  { title: 'DROPPED', align: 'right' },
  { title: 'REFUSED SESSIONS', isFlexible: true },
]

export function deviceHistory(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.deviceHistory(name)
    if (result.kind === 'refused') return refusedBy(result)
    const { history } = result
    const cut = history.isCut ? ['There was more mail than is counted here.'] : []
    await show(call, history, (paint) => [...dayLines(history.days, paint), ...cut])
    return done
  })
}

const dayLines = (days: readonly DeviceDay[], paint: Paint): readonly string[] =>
  tableLines(
    columns,
    days.map(({ date, mails, sent, waiting, bounced, dropped, refused }) => [
      date,
      ...[mails, sent, waiting, bounced, dropped].map(String),
      Object.entries(refused)
        .map(([code, count]) => `${code} ×${count}`)
        .join(' '),
    ]),
    paint,
  )

export function replaceDevice(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.replaceDevice(name, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    const words = `${name} keeps its account and history. Type its card into the new printer: whoever signs in with it within ${span(result.leftMs)} is the new one.`
    await show(call, result, () => [oneLine(words)])
    return done
  })
}

export function printCard(call: Call, name: string, address: string | undefined): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.printCard(name, address, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [oneLine(result.sentence)])
    return done
  })
}
