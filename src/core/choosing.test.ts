import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answers, advise, nextQuestion, questions } from './choosing.ts'

/** Every way through the questions. */
function* paths(answers: Answers = {}): Generator<Answers> {
  const question = nextQuestion(answers)
  if (question === undefined) yield answers
  else for (const { answer } of question.choices) yield* paths({ ...answers, [question.id]: answer })
}

const all = [...paths()]
const where = (wanted: Answers): readonly Answers[] =>
  all.filter((answers) =>
    Object.entries(wanted).every(([id, answer]) =>
      Object.entries(answers).some(([key, value]) => key === id && value === answer),
    ),
  )
const recommends = (answers: Answers): readonly string[] =>
  advise(answers).recommended.map(({ kind }) => kind)

describe('the questions', () => {
  it('lead somewhere on every path: a kind, or a sentence that says what to do', () => {
    // With Microsoft 365 two questions more.
    assert.equal(all.length, 2 ** 4 * 9 * (4 + 1))
    for (const answers of all) {
      const { recommended, excluded, instead } = advise(answers)
      assert.equal(recommended.length + excluded.length, 8, JSON.stringify(answers))
      assert.equal(instead === '', recommended.length > 0, JSON.stringify(answers))
      if (instead !== '') assert.match(instead, /smarthost/)
      for (const { reason } of excluded) assert.ok(reason.length > 10)
      for (const { needs, loses } of recommended) assert.ok(needs.length > 0 && loses.length > 0)
    }
  })

  it('are asked only where the answer makes a difference', () => {
    for (const answers of where({ 'microsoft-365': 'no' })) {
      assert.ok(!('mailbox' in answers) && !('fixed-address' in answers))
    }
  })

  it('make a difference, each of them', () => {
    for (const { id, choices } of questions) {
      const told = (answers: Answers): string => JSON.stringify(advise(answers))
      const differs = all.some((answers) =>
        choices.some(
          ({ answer }) => answers[id] !== undefined && told({ ...answers, [id]: answer }) !== told(answers),
        ),
      )
      assert.ok(differs, id)
    }
  })
})

describe('what is recommended', () => {
  const never: readonly (readonly [kind: string, when: Answers])[] = [
    ['acs-email', { acs: 'no' }],
    ['acs-smtp', { acs: 'no' }],
    ['acs-email', { size: 'large' }],
    ['exchange-direct', { outside: 'yes' }],
    ['exchange-hve', { outside: 'yes' }],
    ['exchange-hve', { size: 'large' }],
    ['exchange-smtp', { mailbox: 'no' }],
    ['graph', { mailbox: 'no' }],
    ['graph', { size: 'medium' }],
    ['exchange-smtp', { 'own-sender': 'yes' }],
    ['exchange-smtp', { volume: 'mass' }],
    ['exchange-direct', { 'fixed-address': 'no' }],
    ['smarthost', { 'other-server': 'no' }],
    ['exchange-connector', { 'microsoft-365': 'no' }],
  ]
  for (const [kind, when] of never) {
    it(`is never ${kind} with ${JSON.stringify(when)}`, () => {
      assert.ok(where(when).length > 0)
      for (const answers of where(when))
        assert.ok(!recommends(answers).includes(kind), JSON.stringify(answers))
    })
  }

  it('is always something for who is at Microsoft 365', () => {
    for (const answers of where({ 'microsoft-365': 'yes' }))
      assert.ok(recommends(answers).includes('exchange-connector'))
  })

  it('puts what needs a ticket or a bought certificate behind what needs neither', () => {
    const answers = {
      'microsoft-365': 'yes',
      acs: 'yes',
      'other-server': 'no',
      outside: 'yes',
      'own-sender': 'no',
      mailbox: 'no',
      'fixed-address': 'yes',
      size: 'small',
      volume: 'many',
    } as const
    assert.deepEqual(recommends(answers), ['exchange-connector', 'acs-email', 'acs-smtp'])
    assert.equal(recommends({ ...answers, volume: 'few' })[0], 'acs-email')
    assert.match(advise(answers).recommended[1]?.ends ?? '', /30 September 2028/)
  })
})
