import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ApplyResult, Remark } from '../core/operations.ts'
import { type Call, onBox, show } from './call.ts'
import type { GatewayModule } from './gateway-module.ts'
import { colourOf, type Paint } from './paint.ts'
import { countOf, oneLine } from './plain-text.ts'
import { done, type Verdict, wrong } from './verdict.ts'

/** `apply FILE`: makes a setup document the truth; with `check` only says what it would do. `-` is stdin. */
export async function apply(
  call: Call,
  file: string,
  options: { readonly check: boolean },
): Promise<Verdict> {
  const document = await readDocument(call, file)
  if (document.kind === 'unreadable') return wrong(`${file} can't be read: ${document.detail}`)
  const tried = (await newBox(call))?.checkAlone(call.dataDir, document.text)
  if (tried && (options.check || tried.kind === 'invalid')) return await tell(call, file, tried)
  return await onBox(
    call,
    async (operations) =>
      tell(call, file, await operations.applySetup(document.text, { ...options, who: call.world.who })),
    { mayMake: !options.check },
  )
}

/** A document is tried before there is a box: neither looking at it nor refusing it makes one. */
async function newBox({ world, dataDir }: Call): Promise<GatewayModule | undefined> {
  if (existsSync(join(dataDir, 'control.sock'))) return undefined
  const gateway = await world.loadGateway()
  return gateway.hasData(dataDir) ? undefined : gateway
}

async function tell(call: Call, file: string, result: ApplyResult): Promise<Verdict> {
  if (result.kind === 'invalid') return await refuse(call, file, result)
  await show(call, result, (paint) => resultLines(result, paint))
  return done
}

type Document =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly detail: string }

async function readDocument({ world }: Call, file: string): Promise<Document> {
  try {
    return { kind: 'read', text: file === '-' ? await text(world.input) : await readFile(file, 'utf8') }
  } catch (error) {
    return { kind: 'unreadable', detail: error instanceof Error ? error.message : String(error) }
  }
}

async function refuse(call: Call, file: string, result: ApplyResult & { kind: 'invalid' }): Promise<Verdict> {
  if (call.json) await show(call, result, () => [])
  const errors = result.remarks.filter((remark) => remark.severity === 'error').length
  const name = file === '-' ? 'the document' : file
  return wrong(
    `${name} has ${countOf(errors, 'error', 'errors')}; nothing was changed`,
    result.remarks.map(remarkLine),
  )
}

/** Errors by their place alone, as the contract shows them; what is less than an error says so. */
const remarkLine = ({ severity, place, sentence }: Remark): string =>
  oneLine(`${severity === 'error' ? '' : `${severity}: `}${place}: ${sentence}`)

function resultLines(result: Exclude<ApplyResult, { kind: 'invalid' }>, paint: Paint): readonly string[] {
  const isCheck = result.kind === 'valid'
  const title = isCheck ? 'It is valid and would change:' : `Applied as revision ${result.revision}:`
  const nothing = isCheck ? 'It is valid and would change nothing.' : 'Nothing changed.'
  return [
    ...(result.changes.length === 0
      ? [nothing]
      : [title, ...result.changes.map((line) => `  ${oneLine(line)}`)]),
    ...result.remarks.map((remark) => paint(colourOf(remark.severity), remarkLine(remark))),
  ]
}
