import { type Call, onBox } from './call.ts'
import { done, type Verdict } from './verdict.ts'

/** `export`: the setup document as it is in force, secrets as `"(kept)"`. */
export function exportSetup(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const text = await operations.exportSetup()
    await call.world.out.write(call.json ? `${JSON.stringify({ setup: text }, undefined, 2)}\n` : text)
    return done
  })
}
