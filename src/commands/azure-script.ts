import { type Call, onBox } from './call.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `azure-script`: the paste for Microsoft on stdout, so that it can go into a file or over a clip board as it is. */
export function azureScript(
  call: Call,
  { upstream, lost }: { readonly upstream?: string; readonly lost: boolean },
): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.azureScript({ upstream, isLost: lost })
    if (result.kind === 'refused') return refusedBy(result)
    const { text } = result
    await call.world.out.write(call.json ? `${JSON.stringify({ text }, undefined, 2)}\n` : text)
    return done
  })
}
