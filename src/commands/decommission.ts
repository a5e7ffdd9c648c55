import { createInterface } from 'node:readline'
import { type Call, onBox } from './call.ts'
import { setupOfBox } from './first-setup.ts'
import { refusalOf } from './gateway-module.ts'
import { done, failed, refusedBy, type Verdict, wrong } from './verdict.ts'

/** `decommission`: the keys, then the data; on stdout what is left elsewhere, as one paste. */
export async function decommission(call: Call, given: string | undefined): Promise<Verdict> {
  const brokenOff = await finish(call)
  if (brokenOff !== undefined) return brokenOff
  const name = given ?? (await askName(call))
  if (name === undefined || name === '')
    return wrong('the name of the box was not given: type it, --name, or stdin. Nothing was destroyed')
  return onBox(call, async (operations) => {
    const result = await operations.decommission(name, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await print(call, result.text)
    return done
  })
}

/** One that the power, or a kill, broke off: nothing is asked again. */
async function finish(call: Call): Promise<Verdict | undefined> {
  const { finishDecommission } = await call.world.loadGateway()
  try {
    const text = await finishDecommission(call.dataDir, setupOfBox(call.world.environment, call.dataDir))
    if (text === undefined) return undefined
    await print(call, text)
    return done
  } catch (error) {
    const reason = refusalOf(error)
    if (reason === undefined) throw error
    return failed(reason)
  }
}

const print = ({ world, json }: Call, text: string): Promise<void> =>
  world.out.write(json ? `${JSON.stringify({ text }, undefined, 2)}\n` : text)

async function askName({ world }: Call): Promise<string | undefined> {
  await world.err.write(
    'This destroys the keys of this box, its settings, and all mail that waits. Its name, to go on: ',
  )
  for await (const line of createInterface({ input: world.input, crlfDelay: Number.POSITIVE_INFINITY }))
    return line.trim()
  return undefined
}
