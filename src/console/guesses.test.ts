import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { JumpingClock } from '../../test/clock.ts'
import { minute, second, wallMs } from '../core/time.ts'
import { Guesses, neighbourhoodOf } from './guesses.ts'
import { Tickets } from './tickets.ts'
import { Turns, type Waiter } from './turns.ts'

const clockAt = () => new JumpingClock(wallMs(Date.UTC(2026, 10, 29)))
const [thief, anna] = ['192.168.7.66', '192.168.7.9']

/** How many of so many attempts were looked at, all of them wrong. */
function guess(guesses: Guesses, from: string, names: readonly string[]): number {
  return names.filter((name) => {
    const isHeard = guesses.mayTry(from, name, false)
    if (isHeard) guesses.fail(from, name)
    return isHeard
  }).length
}
const times = (count: number, name: string): readonly string[] => Array.from({ length: count }, () => name)

describe('guesses from one address', () => {
  it('are heard twenty times, then every four seconds, and again after ten quiet minutes', async () => {
    const clock = clockAt()
    const guesses = new Guesses(clock)
    assert.equal(guess(guesses, thief, times(1000, 'anna')), 20)
    await clock.jump(4 * second)
    assert.equal(guess(guesses, thief, times(1000, 'anna')), 1)
    await clock.jump(10 * minute)
    assert.equal(guess(guesses, thief, times(1000, 'anna')), 20)
  })

  it('are no more where each is for another name', () => {
    const guesses = new Guesses(clockAt())
    const names = Array.from({ length: 1000 }, (_, index) => `name ${index}`)
    assert.equal(guess(guesses, thief, names), 20)
  })

  it('are no more where the thief has an account and signs in to it in between', () => {
    const guesses = new Guesses(clockAt())
    let heard = 0
    for (let round = 0; round < 50; round++) {
      heard += guess(guesses, thief, times(5, 'anna'))
      guesses.succeed(thief, 'thief')
    }
    assert.equal(heard, 20)
  })

  it('keep nobody at another address waiting, known there or not', () => {
    const guesses = new Guesses(clockAt())
    guess(guesses, thief, times(1000, 'anna'))
    assert.ok(guesses.mayTry(anna, 'anna', false))
    assert.ok(guesses.mayTry(anna, 'anna', true))
  })
})

describe('guesses from the addresses of one IPv6 network', () => {
  it('count as those of one address, but not against who is signed in beside them', () => {
    const guesses = new Guesses(clockAt())
    const heard = Array.from({ length: 100 }, (_, index) =>
      guess(guesses, `2001:db8:0:7::${(index + 1).toString(16)}`, [`name ${index}`]),
    )
    assert.equal(
      heard.reduce((sum, each) => sum + each, 0),
      20,
    )
    assert.ok(!guesses.mayTry('2001:db8:0:7::9999', 'anna', false))
    assert.ok(guesses.mayTry('2001:db8:0:7::9999', 'anna', true))
    assert.ok(guesses.mayTry('2001:db8:0:8::1', 'anna', false))
    assert.equal(guesses.failuresFrom('2001:db8:0:7:1:2:3:4'), 20)
  })

  it('is the first 64 bits, and an IPv4 address is one', () => {
    const networks = {
      '2001:db8::1': '2001:db8:0:0::/64',
      '2001:db8:1:2:3:4:5:6': '2001:db8:1:2::/64',
      '::1': '0:0:0:0::/64',
      'fe80::1%eth0': 'fe80:0:0:0::/64',
      '::ffff:192.168.7.9': '192.168.7.9',
      '192.168.7.9': '192.168.7.9',
      '': '',
    }
    for (const [address, network] of Object.entries(networks)) assert.equal(neighbourhoodOf(address), network)
  })
})

describe('guesses at one name from many addresses', () => {
  const many = (guesses: Guesses, count: number) =>
    Array.from({ length: count }, (_, index) =>
      guess(guesses, `10.0.${index >> 8}.${index & 255}`, times(9, 'anna')),
    )

  it('are heard once from each address, and beyond that every four seconds from all together', () => {
    const guesses = new Guesses(clockAt())
    const heard = many(guesses, 200).reduce((sum, each) => sum + each, 0)
    assert.ok(heard <= 200 + 20, `${heard} were heard`)
  })

  it('do not keep out who comes from elsewhere, or is signed in there', () => {
    const guesses = new Guesses(clockAt())
    many(guesses, 200)
    assert.ok(guesses.mayTry(anna, 'anna', false), 'the first word')
    guesses.fail(anna, 'anna')
    assert.ok(!guesses.mayTry(anna, 'anna', false), 'the second waits for its turn')
    assert.ok(guesses.mayTry(anna, 'anna', true), 'unless Anna is known there')
  })
})

describe('guesses in a browser that is known', () => {
  it('are heard whatever others guess from there, and twenty times like anybody’s', async () => {
    const clock = clockAt()
    const guesses = new Guesses(clock)
    guess(guesses, anna, times(1000, 'anna'))
    assert.ok(!guesses.mayTry(anna, 'anna', true))
    let heard = 0
    for (let count = 0; count < 1000 && guesses.mayTryFrom('hers'); count++) {
      guesses.fail(anna, 'anna', 'hers')
      heard++
    }
    assert.equal(heard, 20)
    assert.ok(guesses.mayTryFrom('another one'))
    await clock.jump(4 * second)
    assert.ok(guesses.mayTryFrom('hers'))
    guesses.succeed(anna, 'anna', 'hers')
    assert.ok(guesses.mayTryFrom('hers'))
  })
})

describe('codes beside a right password', () => {
  it('are heard twenty times, then every four seconds', async () => {
    const clock = clockAt()
    const guesses = new Guesses(clock)
    const heard = () =>
      times(1000, 'anna').filter((name) => {
        const isHeard = guesses.mayTryCode(name)
        if (isHeard) guesses.failCode(name)
        return isHeard
      }).length
    assert.equal(heard(), 20)
    await clock.jump(4 * second)
    assert.equal(heard(), 1)
    assert.ok(guesses.mayTryCode('bob'))
  })
})

describe('turns', () => {
  /** Work that ends when it is told to. */
  function work(done: string[], name: string) {
    const end = Promise.withResolvers<void>()
    return { end: end.resolve, work: () => end.promise.then(() => void done.push(name)) }
  }
  const at = (place: string, failures = 0, isKnown = false): Waiter => ({
    place,
    isKnown,
    failures: () => failures,
  })
  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it('are one at a time, and go round the addresses', async () => {
    const [turns, done] = [new Turns(), [] as string[]]
    const jobs = ['a1', 'a2', 'a3', 'b1', 'c1'].map((name) => work(done, name))
    const taken = jobs.map((job, index) => turns.take(at(['a', 'a', 'a', 'b', 'c'][index] ?? ''), job.work))
    for (const { end } of jobs) end()
    await Promise.all(taken)
    assert.deepEqual(done, ['a1', 'a2', 'b1', 'c1', 'a3'])
  })

  it('go to who is known first', async () => {
    const [turns, done] = [new Turns(), [] as string[]]
    const jobs = ['a1', 'b1', 'known', 'c1'].map((name) => work(done, name))
    const taken = jobs.map((job, index) => turns.take(at(`${index}`, 0, index === 2), job.work))
    for (const { end } of jobs) end()
    await Promise.all(taken)
    assert.deepEqual(done, ['a1', 'known', 'b1', 'c1'])
  })

  it('refuse a third that waits from one address, and the twenty-fifth of all', async () => {
    const [turns, done] = [new Turns(), [] as string[]]
    const first = work(done, 'first')
    const running = turns.take(at('a'), first.work)
    const waiting = [turns.take(at('a'), async () => 1), turns.take(at('a'), async () => 2)]
    assert.equal(await turns.take(at('a'), async () => 3), undefined)
    for (let count = 0; count < 22; count++) waiting.push(turns.take(at(`b${count}`), async () => count))
    assert.equal(await turns.take(at('c'), async () => 4), undefined)
    first.end()
    await running
    assert.equal((await Promise.all(waiting)).length, 24)
    assert.equal(await turns.take(at('c'), async () => 5), 5)
  })

  it('are left by who guessed most to who guessed less, and never by who is known', async () => {
    const [turns, done] = [new Turns(), [] as string[]]
    const first = work(done, 'first')
    const running = turns.take(at('a'), first.work)
    const crowd = Array.from({ length: 24 }, (_, index) =>
      turns.take(at(`b${index}`, 1 + index), async () => index),
    )
    assert.equal(await turns.take(at('c', 24), async () => 'as bad as the worst'), undefined)
    const anna = turns.take(at('d'), async () => 'anna')
    assert.equal(await crowd[23], undefined)
    const known = Array.from({ length: 9 }, (_, index) =>
      turns.take(at(`e${index}`, 99, true), async () => 'known'),
    )
    assert.equal(await known[8], undefined, 'they have eight places')
    const more = turns.take(at('f'), async () => 'more')
    assert.equal(await crowd[22], undefined, 'nobody who is known gave way')
    first.end()
    await running
    assert.deepEqual(await Promise.all([anna, more, ...known.slice(0, 8)]), [
      'anna',
      'more',
      ...Array.from({ length: 8 }, () => 'known'),
    ])
    assert.equal(await crowd[0], 0)
  })

  it('go on after work that failed', async () => {
    const turns = new Turns()
    const failing = turns.take(at('a'), async () => {
      throw new Error('no memory')
    })
    const next = turns.take(at('b'), async () => 'done')
    await assert.rejects(failing, /no memory/)
    assert.equal(await next, 'done')
    await settled()
    assert.equal(await turns.take(at('b'), async () => 'again'), 'again')
  })
})

describe('a ticket', () => {
  it('holds five minutes and five tries, and is spent once', async () => {
    const clock = clockAt()
    const tickets = new Tickets<string>(clock)
    const [tried, late, spent] = [tickets.issue('a'), tickets.issue('b'), tickets.issue('c')]
    for (let count = 0; count < 5; count++) assert.equal(tickets.try(tried), 'a')
    assert.equal(tickets.try(tried), undefined)
    tickets.spend(spent)
    assert.equal(tickets.try(spent), undefined)
    await clock.jump(5 * minute - 1)
    assert.equal(tickets.try(late), 'b')
    await clock.jump(1)
    assert.equal(tickets.try(late), undefined)
    assert.equal(tickets.try('none'), undefined)
  })

  it('gives way, oldest first, where there are more than 200', () => {
    const tickets = new Tickets<number>(clockAt())
    const names = Array.from({ length: 201 }, (_, index) => tickets.issue(index))
    assert.equal(tickets.try(names[0] ?? ''), undefined)
    assert.equal(tickets.try(names[1] ?? ''), 1)
  })
})
