import type { Operations } from '../core/operations.ts'
import { type Paint, paintFor } from './paint.ts'
import { type ReachOptions, reachBox } from './reach.ts'
import { failed, type Verdict } from './verdict.ts'
import type { World } from './world.ts'

/** One command line, parsed as far as every command shares it. */
export interface Call {
  readonly world: World
  readonly dataDir: string
  readonly json: boolean
}

/** Runs `work` on the box of the data directory and closes what was opened for it. */
export async function onBox(
  call: Call,
  work: (operations: Operations) => Promise<Verdict>,
  options: ReachOptions = { mayMake: false },
): Promise<Verdict> {
  const reached = await reachBox(call.dataDir, call.world, options)
  switch (reached.kind) {
    case 'unreachable':
      return failed(reached.reason)
    case 'empty':
      return failed(`no gateway data in ${call.dataDir}: \`serve\` and \`apply\` make a new box, see --data`)
    case 'box': {
      await using box = reached
      return await work(box.operations)
    }
  }
}

/** Prints data: as JSON where `--json` asks for it, else as lines for a person. */
export async function show(
  { world, json }: Call,
  data: unknown,
  lines: (paint: Paint) => readonly string[],
): Promise<void> {
  const text = json ? [JSON.stringify(data, undefined, 2)] : lines(paintFor(world))
  await world.out.write(text.map((line) => `${line}\n`).join(''))
}
