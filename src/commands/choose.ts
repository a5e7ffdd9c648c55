import { createInterface } from 'node:readline'
import {
  type Advice,
  type Answers,
  advise,
  nextQuestion,
  type Question,
  type Recommendation,
} from '../core/choosing.ts'
import { type Call, show } from './call.ts'
import type { Paint } from './paint.ts'
import { wrap } from './plain-text.ts'
import { done, failed, type Verdict, wrong } from './verdict.ts'

const columns = 96

/** `choose`: asks at a terminal, or takes `--answers`, and says which kinds of ways out fit. Needs no box. */
export async function choose(
  call: Call,
  options: { readonly answers?: readonly string[] },
): Promise<Verdict> {
  const asked = options.answers === undefined ? await interview(call) : given(options.answers)
  if (asked.kind !== 'answers') return asked
  const advice = advise(asked.answers)
  await show(call, { answers: asked.answers, ...advice }, (paint) => adviceLines(advice, paint))
  return done
}

type Asked = { readonly kind: 'answers'; readonly answers: Answers } | Verdict

/** Answers by their order; what is wrong is told with the question it was meant for. */
function given(words: readonly string[]): Asked {
  let answers: Answers = {}
  for (const word of words) {
    const question = nextQuestion(answers)
    if (question === undefined) return wrong(`"${word}" answers no question any more`)
    if (!isChoice(question, word)) return wrong(`"${word}" is no answer to: ${questionText(question)}`)
    answers = { ...answers, [question.id]: word }
  }
  const open = nextQuestion(answers)
  return open === undefined
    ? { kind: 'answers', answers }
    : wrong(`there is no answer to: ${questionText(open)}`)
}

async function interview({ world }: Call): Promise<Asked> {
  if (world.input.isTTY !== true) return wrong('there is no terminal to ask at: use --answers')
  const lines = createInterface({ input: world.input, crlfDelay: Number.POSITIVE_INFINITY })
  const typed = lines[Symbol.asyncIterator]()
  try {
    let answers: Answers = {}
    for (let question = nextQuestion(answers); question !== undefined; question = nextQuestion(answers)) {
      await world.err.write(`${questionText(question)} `)
      const line = await typed.next()
      if (line.done === true) return failed('no answer')
      const word = matching(question, line.value.trim().toLowerCase())
      if (word !== undefined) answers = { ...answers, [question.id]: word }
    }
    return { kind: 'answers', answers }
  } finally {
    lines.close()
  }
}

const isChoice = ({ choices }: Question, word: string): boolean =>
  choices.some(({ answer }) => answer === word)

/** The beginning of an answer is enough where it means one only. */
function matching({ choices }: Question, typed: string): string | undefined {
  const found = choices.filter(({ answer }) => typed !== '' && answer.startsWith(typed))
  return (
    choices.find(({ answer }) => answer === typed)?.answer ??
    (found.length === 1 ? found[0]?.answer : undefined)
  )
}

function questionText({ text, choices }: Question): string {
  const words = choices.map(({ answer, text: means }) => (answer === means ? answer : `${answer}: ${means}`))
  return `${text} (${words.join(', ')})`
}

function adviceLines({ recommended, excluded, instead }: Advice, paint: Paint): readonly string[] {
  return [
    ...recommended.flatMap((each, index) => [...recommendationLines(each, index, paint), '']),
    ...(instead === '' ? [] : [...wrap(instead, columns), '']),
    ...(excluded.length === 0 ? [] : ['Does not fit:']),
    ...excluded.flatMap(({ kind, reason }) => hanging(`  ${kind}: `, reason)),
  ]
}

const recommendationLines = (
  { kind, loses, needs, ends }: Recommendation,
  index: number,
  paint: Paint,
): readonly string[] => [
  paint('bold', `${index + 1}. ${kind}`),
  ...needs.flatMap((text) => hanging('   needs  ', text)),
  ...loses.flatMap((text) => hanging('   loses  ', text)),
  ...(ends === '' ? [] : hanging('   ends   ', ends)),
]

function hanging(label: string, text: string): readonly string[] {
  return wrap(text, columns - label.length).map((line, index) =>
    index === 0 ? `${label}${line}` : `${' '.repeat(label.length)}${line}`,
  )
}
