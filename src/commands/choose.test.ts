import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { runCommandLine } from './program.ts'
import { testWorld } from './test-world.fixture.ts'

async function choose(args: readonly string[], typed?: string) {
  const input =
    typed === undefined ? {} : { input: Object.assign(Readable.from([Buffer.from(typed)]), { isTTY: true }) }
  const world = testWorld(input)
  const status = await runCommandLine(['choose', ...args], world)
  return { status, ...world.written }
}

describe('choose', () => {
  it('asks at a terminal, takes the beginning of an answer, and asks again after what is none', async () => {
    const { status, out, err } = await choose([], 'n\nno\nperhaps\ny\nyes\nno\ns\nfew\n')
    assert.equal(status, 0, err)
    assert.match(out, /^1\. smarthost\n {3}needs {2}its host, port and sign-in\n/)
    assert.equal(err.match(/another mail server/g)?.length, 2)
    assert.doesNotMatch(err, /licensed mailbox/)
  })

  it('fails where the answers end', async () => {
    const { status, err } = await choose([], 'yes\n')
    assert.equal(status, 1)
    assert.match(err, /inkpost: no answer\n$/)
  })

  it('needs a terminal or answers', async () => {
    const { status, err } = await choose([])
    assert.deepEqual([status, err], [2, 'inkpost: there is no terminal to ask at: use --answers\n'])
  })

  const wrong: readonly (readonly [answers: string, says: RegExp])[] = [
    ['no,no,maybe', /"maybe" is no answer to: Is there another mail server/],
    ['no,no', /there is no answer to: Is there another mail server/],
    ['no,no,yes,yes,no,small,few,yes', /"yes" answers no question any more/],
  ]
  for (const [answers, says] of wrong) {
    it(`refuses --answers ${answers}`, async () => {
      const { status, err } = await choose(['--answers', answers])
      assert.equal(status, 2)
      assert.match(err, says)
    })
  }

  it('says what to do where nothing fits', async () => {
    const { status, out } = await choose(['--answers', 'no,no,no,yes,no,small,few'])
    assert.equal(status, 0)
    assert.match(out, /^Nothing fits: take an SMTP account at a provider/)
  })

  it('is JSON on demand', async () => {
    const { out } = await choose(['--json', '--answers', 'yes,no,no,yes,no,yes,yes,small,few'])
    const { answers, recommended, excluded } = JSON.parse(out)
    assert.equal(answers['microsoft-365'], 'yes')
    assert.equal(recommended[0].kind, 'exchange-smtp')
    assert.ok(excluded.some(({ kind }: { kind: string }) => kind === 'acs-email'))
  })
})
