import { type Call, onBox, show } from './call.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

/** `export`: the setup document as it is in force, secrets as `"(kept)"`. */
export function exportSetup(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const text = await operations.exportSetup()
    await call.world.out.write(call.json ? `${JSON.stringify({ setup: text }, undefined, 2)}\n` : text)
    return done
  })
}

/**
 * `certificate UPSTREAM`: the public certificate by which a service knows this box, to be uploaded there; with `--csr` a
 * request for one, to be signed by an authority.
 */
export function certificate(
  call: Call,
  upstream: string,
  { csr }: { readonly csr: boolean },
): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = csr
      ? await operations.certificateRequest(upstream)
      : await operations.certificate(upstream)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [result.pem.trimEnd()])
    return done
  })
}
