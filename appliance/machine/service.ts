import { createServer, type Server, type Socket } from 'node:net'
import type { MachineAnswer } from '../../src/core/machine.ts'
import { type Duties, DutyRefused } from './duty.ts'
import { type After, Lanes } from './lanes.ts'

/** Octets of a question. */
const mostOctets = 1 << 20
const questionMs = 10_000

export interface MachineServiceEvents {
  /** Of questions without an answer and duties at work, which go on where whoever asked was told that they hang. */
  busy(count: number): void
  /** What went wrong that nobody foresaw; the gateway hears of it in the same words. */
  failed(duty: string, error: unknown): void
}

/**
 * One line of JSON in, one out, then the connection ends. What must not meet goes one after the other, in the order of its
 * coming; what hangs holds up nothing else (`Lanes`).
 */
export function machineServer(duties: Duties, events: MachineServiceEvents, after?: After): Server {
  let atWork = 0
  const counted: Counted = async (work) => {
    events.busy(++atWork)
    try {
      return await work()
    } finally {
      events.busy(--atWork)
    }
  }
  const lanes = new Lanes(after)
  const answer = (line: string) => counted(() => answerTo(line, { duties, events, lanes, counted }))
  return createServer({ allowHalfOpen: true }, (socket) => {
    // Whoever asked has gone: what was asked is done all the same.
    socket.on('error', () => socket.destroy())
    socket.setTimeout(questionMs, () => socket.destroy())
    readLine(socket, async (line) => {
      socket.setTimeout(0)
      socket.end(`${JSON.stringify(await answer(line))}\n`)
    })
  })
}

function readLine(socket: Socket, heard: (line: string) => Promise<void>): void {
  let text = ''
  let isOver = false
  socket.setEncoding('utf8')
  socket.on('data', (piece: string) => {
    if (isOver) return
    text += piece
    const end = text.indexOf('\n')
    isOver = end !== -1 || text.length > mostOctets
    if (end !== -1) void heard(text.slice(0, end))
    else if (isOver) socket.destroy()
  })
  socket.on('end', () => {
    if (!isOver) socket.destroy()
  })
}

type Counted = <T>(work: () => Promise<T>) => Promise<T>

interface AtWork {
  readonly duties: Duties
  readonly events: MachineServiceEvents
  readonly lanes: Lanes
  readonly counted: Counted
}

async function answerTo(
  line: string,
  { duties, events, lanes, counted }: AtWork,
): Promise<MachineAnswer<unknown>> {
  const { name, ask } = questionOf(line)
  const duty = duties.get(name)
  if (!duty) return refused(`this machine service does not know '${name.slice(0, 40)}'`)
  try {
    return { kind: 'done', answer: await lanes.run(name, () => counted(() => duty.run(ask))) }
  } catch (error) {
    if (!(error instanceof DutyRefused)) events.failed(name, error)
    return refused(error instanceof Error ? error.message : String(error))
  }
}

function questionOf(line: string): { readonly name: string; readonly ask: unknown } {
  try {
    const { duty, ask } = JSON.parse(line) as { duty?: unknown; ask?: unknown }
    return { name: String(duty), ask }
  } catch {
    return { name: '', ask: undefined }
  }
}

const refused = (reason: string): MachineAnswer<never> => ({ kind: 'refused', reason })
