import { resolve } from 'node:path'
import { errorCode, writeDurably } from '../platform/durable-file.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { done, failed, type Verdict } from './verdict.ts'

/** `support-bundle FILE`: what somebody else needs to understand this box; `-` is stdout. */
export function supportBundle(call: Call, file: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const { text } = await operations.supportBundle()
    if (file === '-') {
      await call.world.out.write(text)
      return done
    }
    try {
      writeDurably(resolve(file), text, 0o600)
    } catch (error) {
      const code = errorCode(error)
      if (code === undefined) throw error
      return failed(`${file} can't be written: ${code}`)
    }
    await show(call, { file: resolve(file) }, () => [
      oneLine(`${file} is written. No secret and no mail is in it; look through it before you send it on.`),
    ])
    return done
  })
}
