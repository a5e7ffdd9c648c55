import { type Answers, advise, nextQuestion, questions } from '../../../src/core/choosing.ts'
import { place, setQuery, to } from '../../router.ts'
import type { Key } from '../../words/en.ts'
import { t } from '../../words/language.ts'
import { kindKey, sendingKinds } from './kinds.ts'
import { Recommended } from './recommended.tsx'

/** The plain questions, one at a time; the answers stand in the place, so that a page that was left goes on. */
export function Choosing() {
  const answers = answersOf(place.value.query.get('answers') ?? '')
  const question = nextQuestion(answers)
  const given = questions.filter(({ id }) => answers[id] !== undefined)
  const answer = (word: string) =>
    setQuery('answers', [...given.map(({ id }) => answers[id]), word].join('.'))
  return (
    <>
      {question === undefined ? (
        <Recommended advice={advise(answers)} />
      ) : (
        <section class="card" aria-live="polite">
          <p class="overline">{t('wizard.question', { number: given.length + 1 })}</p>
          <h2>{t(`choose.${question.id}`)}</h2>
          <div class="choices">
            {question.choices.map((choice) => (
              <button key={choice.answer} type="button" onClick={() => answer(choice.answer)}>
                {t(choiceKey(choice.answer))}
              </button>
            ))}
          </div>
        </section>
      )}
      {given.length > 0 && (
        <details>
          <summary>{t('wizard.answers')}</summary>
          <dl class="wizard-facts">
            {given.map(({ id }) => (
              <div key={id}>
                <dt>{t(`choose.${id}`)}</dt>
                <dd>{t(choiceKey(answers[id] ?? ''))}</dd>
              </div>
            ))}
          </dl>
          <button type="button" onClick={() => setQuery('answers', '')}>
            {t('wizard.start-over')}
          </button>
        </details>
      )}
      <details>
        <summary>{t('wizard.choose-myself')}</summary>
        <ul class="rows">
          {sendingKinds.map((kind) => (
            <li key={kind}>
              <a class="line" href={to('wizard', 'way-out', kind)}>
                {t(kindKey(kind))}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </>
  )
}

/** Answers by their order, as far as they are any. */
function answersOf(words: string): Answers {
  let answers: Answers = {}
  for (const word of words.split('.')) {
    const question = nextQuestion(answers)
    if (question?.choices.every(({ answer }) => answer !== word) ?? true) return answers
    if (question) answers = { ...answers, [question.id]: word }
  }
  return answers
}

const choiceKeys = {
  yes: 'choice.yes',
  no: 'choice.no',
  small: 'choice.small',
  medium: 'choice.medium',
  large: 'choice.large',
  few: 'choice.few',
  many: 'choice.many',
  mass: 'choice.mass',
} as const satisfies Readonly<Record<string, Key>>

const choiceKey = (answer: string): Key =>
  Object.entries(choiceKeys).find(([word]) => word === answer)?.[1] ?? 'choice.yes'
