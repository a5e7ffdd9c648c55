import type { TokenView } from '../core/access-operations.ts'
import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

const columns = [
  { title: 'ID' },
  { title: 'NAME', isFlexible: true },
  { title: 'ROLE' },
  { title: 'ENDS' },
  { title: 'LAST USE' },
  { title: 'MAKER' },
]

export function listTokens(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const tokens = await operations.tokens()
    await show(call, tokens, (paint) =>
      tokens.length === 0 ? ['No tokens.'] : tableLines(columns, tokens.map(cells), paint),
    )
    return done
  })
}

const cells = ({ id, name, role, endsAt, usedAt, maker }: TokenView): readonly string[] => [
  id,
  name,
  role,
  dayOf(endsAt),
  usedAt === undefined ? 'never' : dayOf(usedAt),
  maker ?? 'this box',
]

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

export function addToken(
  call: Call,
  wish: { readonly name: string; readonly role: string; readonly days: number },
): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const made = await operations.addToken({ ...wish, maker: undefined }, call.world.who)
    if (made.kind === 'refused') return refusedBy(made)
    await show(call, { id: made.id, token: made.token }, () => [made.token])
    return done
  })
}

export function removeToken(call: Call, id: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.removeToken(id, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [oneLine(`Token ${id} holds no more.`)])
    return done
  })
}
