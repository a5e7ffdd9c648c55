import * as v from 'valibot'
import type { MachineCalls, MachineDuty } from '../../src/core/machine.ts'

/** Said to the gateway as it stands; whoever throws it has changed nothing. */
export class DutyRefused extends Error {
  override readonly name = 'DutyRefused'
}

export interface Duty {
  /** Throws `DutyRefused` for an ask that is not one. */
  run(ask: unknown): Promise<unknown>
}

export type Duties = ReadonlyMap<string, Duty>

/** Checks what is asked by its schema: the gateway may have been taken over by somebody in the LAN. */
export function duty<D extends MachineDuty>(
  ask: v.GenericSchema<unknown, MachineCalls[D]['ask']>,
  run: (ask: MachineCalls[D]['ask']) => Promise<MachineCalls[D]['answer']>,
): Duty {
  return {
    async run(asked) {
      const parsed = v.safeParse(ask, asked)
      if (!parsed.success)
        throw new DutyRefused(`what was asked is not understood: ${v.summarize(parsed.issues)}`)
      return run(parsed.output)
    },
  }
}
