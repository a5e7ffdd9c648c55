import { type Call, onBox, show } from './call.ts'
import { oneLine } from './plain-text.ts'
import { tableLines } from './table.ts'
import { done, refusedBy, type Verdict } from './verdict.ts'

export function listAliases(call: Call): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const aliases = await operations.aliases()
    const columns = [{ title: 'ALIAS' }, { title: 'GOES TO', isFlexible: true }]
    await show(call, aliases, (paint) =>
      aliases.length === 0
        ? ['No aliases: add one with `inkpost alias add NAME ADDRESS`.']
        : tableLines(
            columns,
            aliases.map(({ name, to }) => [name, to.join(', ')]),
            paint,
          ),
    )
    return done
  })
}

export function addAlias(call: Call, name: string, to: readonly string[]): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.addAlias(name, to, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [oneLine(`${name} goes to ${to.join(', ')}.`)])
    return done
  })
}

export function removeAlias(call: Call, name: string): Promise<Verdict> {
  return onBox(call, async (operations) => {
    const result = await operations.removeAlias(name, call.world.who)
    if (result.kind === 'refused') return refusedBy(result)
    await show(call, result, () => [oneLine(`${name} is removed.`)])
    return done
  })
}
