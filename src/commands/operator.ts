import type { Done, Operations } from '../core/operations.ts'
import { type Call, onBox, show } from './call.ts'
import { askPassword } from './password.ts'
import { oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { done, refusedBy, type Verdict, wrong } from './verdict.ts'

export function listOperators(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const operators = await operations.operators()
    const columns = [{ title: 'NAME', isFlexible: true }, { title: 'ROLE' }, { title: 'SECOND FACTOR' }]
    await show(call, operators, (paint) =>
      operators.length === 0
        ? ['No operators: claim the console with the code of `inkpost claim`.']
        : tableLines(
            columns,
            operators.map(({ name, role, hasSecondFactor }) => [name, role, hasSecondFactor ? 'on' : 'off']),
            paint,
          ),
    )
    return done
  })
}

export function addOperator(call: Call, name: string, role: string): Promise<Verdict> {
  return withPassword(call, `${name} may sign in as ${role}.`, (operations, password) =>
    operations.addOperator(name, role, password, call.world.who),
  )
}

export function setOperatorPassword(call: Call, name: string): Promise<Verdict> {
  return withPassword(call, `${name} has a new password.`, (operations, password) =>
    operations.setOperatorPassword(name, password, call.world.who),
  )
}

/** For a lost phone, at the box: the password stays. */
export function removeSecondFactor(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.removeSecondFactor(name, call.world.who)
    return tell(call, result, `${name} has no second factor any more.`)
  })
}

export function removeOperator(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    return tell(call, await operations.removeOperator(name, call.world.who), `${name} is removed.`)
  })
}

/** `claim`: the code that makes the first visitor of the console its administrator. */
export function claim(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const { code, isClaimed, fingerprint } = await operations.claim()
    const facts = { code, isClaimed, ...(fingerprint !== undefined && { fingerprint }) }
    await show(call, facts, () => [isClaimed ? 'This box is claimed already.' : code])
    // Beside the code, which scripts read.
    if (fingerprint !== undefined && !call.json)
      await call.world.err.write(`The certificate authority of this box, SHA-256: ${fingerprint}\n`)
    return done
  })
}

/** `claim --reset`: nobody signs in any more; prints the code by which the box is claimed anew. */
export function resetBox(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.resetBox(call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, { code: result.code }, () => [result.code])
    return done
  })
}

async function withPassword(
  call: Call,
  sentence: string,
  work: (operations: Operations, password: string) => Promise<Done>,
): Promise<Verdict> {
  const password = await askPassword(call.world)
  if (password === undefined) return wrong('no password was given: stdin, INKPOST_PASSWORD, or a terminal')
  return await onBox(call, async (operations) => tell(call, await work(operations, password), sentence))
}

async function tell(call: Call, result: Done, sentence: string): Promise<Verdict> {
  if (result.kind === 'refused') return refusedBy(result)
  await show(call, result, () => [oneLine(sentence)])
  return done
}
