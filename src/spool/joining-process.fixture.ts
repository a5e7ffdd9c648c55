import type { MessageId } from '../core/message-id.ts'
import { newMessage, noon, octetsOf, opened, published } from './spool-fixture.ts'

// Publishes three fragments and joins them, telling each step; stands still after the one at which it is to be killed.

const [file = '', last = ''] = process.argv.slice(2)
const spool = await opened({ file, reserveOctets: 0 })
await spool.recover(noon)

const fragments: MessageId[] = []
let joined: MessageId | undefined

async function tell(step: string): Promise<void> {
  process.send?.({ step, fragments, joined })
  if (step === last) await new Promise(() => setInterval(() => {}, 1000))
}

for (const number of [1, 2, 3]) {
  const collected = { fragment: { id: 'x@y', number, total: 3 }, mostOctets: 2e6 }
  fragments.push(
    await published(spool, octetsOf(300_000, 7), { collected, contentSha256: `${number}`.repeat(64) }),
  )
  await tell(`fragment ${number}`)
}
joined = await spool.takeId()
const reception = spool.receive(joined)
const octets = octetsOf(900_000, 8)
await reception.write(octets.subarray(0, 1000))
await tell('began')
for (let at = 1000; at < octets.length; at += 50_000) await reception.write(octets.subarray(at, at + 50_000))
await tell('wrote ahead')
const publishing = reception.publish(newMessage(joined, octets.length, { joinedFrom: 3 }), {
  fragments,
  letters: [],
})
process.send?.({ step: 'publishing', fragments, joined })
await publishing
if (last !== 'publishing') await tell('published')
else setInterval(() => {}, 1000)
