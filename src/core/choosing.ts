import type { UpstreamKind } from './setup.ts'

/**
 * Which way out fits: a few questions that a technician can answer without looking anything up, and a table of what each
 * kind asks for, as the services' own pages had it in autumn 2026.
 */
export type QuestionId =
  | 'microsoft-365'
  | 'acs'
  | 'other-server'
  | 'outside'
  | 'own-sender'
  | 'mailbox'
  | 'fixed-address'
  | 'size'
  | 'volume'

export interface Question {
  readonly id: QuestionId
  readonly text: string
  readonly choices: readonly Choice[]
  /** Whether it makes a difference after these answers. */
  readonly applies: (answers: Answers) => boolean
}

export interface Choice {
  readonly answer: string
  readonly text: string
}

export type Answers = Readonly<Partial<Record<QuestionId, string>>>

const yesNo: readonly Choice[] = [
  { answer: 'yes', text: 'yes' },
  { answer: 'no', text: 'no' },
]
const always = (): boolean => true
const withMicrosoft = (answers: Answers): boolean => answers['microsoft-365'] === 'yes'

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  {
    id: 'microsoft-365',
    text: 'Is the mail of your organisation at Microsoft 365 (Exchange Online)?',
    choices: yesNo,
    applies: always,
  },
  {
    id: 'acs',
    text: 'Is there an Azure Communication Services resource from before 23 October 2026?',
    choices: yesNo,
    applies: always,
  },
  {
    id: 'other-server',
    text: 'Is there another mail server that takes your mail over SMTP (your own, or a provider’s)?',
    choices: yesNo,
    applies: always,
  },
  {
    id: 'outside',
    text: 'Must mail reach people outside your organisation?',
    choices: yesNo,
    applies: always,
  },
  {
    id: 'own-sender',
    text: 'Must each person’s own address be the sender of what they scan?',
    choices: yesNo,
    applies: always,
  },
  {
    id: 'mailbox',
    text: 'Is there a licensed mailbox that the devices may send as?',
    choices: yesNo,
    applies: withMicrosoft,
  },
  {
    id: 'fixed-address',
    text: 'Has the site a fixed public address of its own, and may it go out on port 25?',
    choices: yesNo,
    applies: withMicrosoft,
  },
  {
    id: 'size',
    text: 'How large is the largest scan?',
    choices: [
      { answer: 'small', text: 'up to 1.5 MB' },
      { answer: 'medium', text: 'up to 7 MB' },
      { answer: 'large', text: 'larger' },
    ],
    applies: always,
  },
  {
    id: 'volume',
    text: 'How many mails go out on a busy day?',
    choices: [
      { answer: 'few', text: 'up to 1,000' },
      { answer: 'many', text: 'up to 10,000' },
      { answer: 'mass', text: 'more' },
    ],
    applies: always,
  },
]

/** The next question that makes a difference; undefined when all are answered. */
export const nextQuestion = (answers: Answers): Question | undefined =>
  questions.find((question) => answers[question.id] === undefined && question.applies(answers))

type SendingKind = Exclude<UpstreamKind, 'outbox'>

export interface Recommendation {
  readonly kind: SendingKind
  /** What a mail does not keep on this way, or the box cannot know. */
  readonly loses: readonly string[]
  /** What has to be there, beyond the answers. */
  readonly needs: readonly string[]
  /** What is known of its end; empty where nothing is announced. */
  readonly ends: string
}

export interface Exclusion {
  readonly kind: SendingKind
  readonly reason: string
}

export interface Advice {
  /** The best first. */
  readonly recommended: readonly Recommendation[]
  readonly excluded: readonly Exclusion[]
  /** Empty, or what to do where no kind fits. */
  readonly instead: string
}

/** One answer that a kind can't live with, or only at a price. */
interface Condition {
  readonly question: QuestionId
  readonly answers: readonly string[]
  /** Why it can't be. */
  readonly excludes?: string
  /** What it takes then; such a kind stands behind those that need nothing. */
  readonly needs?: string
}

interface KindRow {
  readonly kind: SendingKind
  /** Among equals: the lower first. */
  readonly order: number
  readonly loses: readonly string[]
  readonly needs: readonly string[]
  readonly ends: string
  readonly conditions: readonly Condition[]
}

const noMicrosoft: Condition = {
  question: 'microsoft-365',
  answers: ['no'],
  excludes: 'your mail is not at Microsoft 365',
}
const insideOnly = (service: string): Condition => ({
  question: 'outside',
  answers: ['yes'],
  excludes: `${service} reaches recipients of your own organisation only`,
})
const noMailbox: Condition = {
  question: 'mailbox',
  answers: ['no'],
  excludes: 'it sends as a licensed mailbox, and there is none',
}
const asItself: Condition = {
  question: 'own-sender',
  answers: ['yes'],
  excludes: 'it sends as one mailbox: each further sender needs SendAs of its own',
}
const perMailbox: Condition = {
  question: 'volume',
  answers: ['mass'],
  excludes: 'a mailbox may write to 10,000 recipients a day',
}
const acsEnd = 'Azure Communication Services Email ends on 30 September 2028'
const acsConditions: readonly Condition[] = [
  {
    question: 'acs',
    answers: ['no'],
    excludes: 'Microsoft has closed Azure Communication Services Email to new customers on 23 October 2026',
  },
  {
    question: 'own-sender',
    answers: ['yes'],
    excludes: 'each sender has to be made at Azure first, by hand or by `inkpost azure-script`',
  },
  {
    question: 'size',
    answers: ['large'],
    excludes: 'a mail may have 10 MB after encoding, about 7.5 MB of files',
  },
  {
    question: 'volume',
    answers: ['many', 'mass'],
    needs:
      'a higher quota by ticket: 30 a minute and 100 an hour are the start, and Microsoft decides case by case',
  },
]

const rows: readonly KindRow[] = [
  {
    kind: 'exchange-smtp',
    order: 1,
    loses: ['a copy of each mail lies in Sent Items: a full mailbox stops sending'],
    needs: [
      'SMTP AUTH switched on for that one mailbox',
      'a registration at Entra with the box’s certificate',
    ],
    ends: 'signing in by password is off by default from the end of December 2026, and its removal is announced for the second half of 2027; by certificate no end is announced',
    conditions: [noMicrosoft, noMailbox, asItself, perMailbox],
  },
  {
    kind: 'exchange-hve',
    order: 2,
    loses: ['nothing lies in Sent Items', 'recipients outside are refused'],
    needs: ['a High Volume Email account (no mailbox, no licence; not in GCC and sovereign clouds)'],
    ends: '',
    conditions: [
      noMicrosoft,
      insideOnly('High Volume Email'),
      {
        question: 'own-sender',
        answers: ['yes'],
        excludes: 'it sends as its one account',
      },
      { question: 'size', answers: ['large'], excludes: 'a mail may have 10 MB' },
    ],
  },
  {
    kind: 'acs-email',
    order: 3,
    loses: [
      'the display name of the sender is the one kept at Azure',
      'signed and encrypted mail, invitations and attached messages do not fit its form',
      'Date, priority and delivery receipts of the mail',
    ],
    needs: ['a verified domain with its DNS records', 'each sender made at Azure'],
    ends: acsEnd,
    conditions: acsConditions,
  },
  {
    kind: 'exchange-connector',
    order: 4,
    loses: ['nobody tells whether a mail was delivered'],
    needs: [
      'an inbound connector, and the domain of the sender accepted by the tenant',
      'port 25 open to the outside',
    ],
    ends: '',
    conditions: [
      noMicrosoft,
      {
        question: 'fixed-address',
        answers: ['no'],
        needs: 'a certificate of a public authority for a name in an accepted domain, as the address changes',
      },
    ],
  },
  {
    kind: 'smarthost',
    order: 5,
    loses: ['what the other server takes away'],
    needs: ['its host, port and sign-in'],
    ends: '',
    conditions: [
      { question: 'other-server', answers: ['no'], excludes: 'there is no other server' },
      { question: 'size', answers: ['large'], needs: 'a look at the size that it takes' },
      { question: 'volume', answers: ['mass'], needs: 'a look at the rate that it takes' },
    ],
  },
  {
    kind: 'graph',
    order: 6,
    loses: ['To and Cc name only those who get the mail', 'no verdict for single recipients'],
    needs: ['Mail.Send for that one mailbox (RBAC for Applications)'],
    ends: '',
    conditions: [
      noMicrosoft,
      noMailbox,
      asItself,
      perMailbox,
      {
        question: 'size',
        answers: ['medium', 'large'],
        excludes: 'a mail has at most 3 MB there, a file about 2.2 MB',
      },
    ],
  },
  {
    kind: 'acs-smtp',
    order: 7,
    loses: ['headers other than Message-ID', 'the display name of the sender is the one kept at Azure'],
    needs: [
      'a verified domain with its DNS records',
      'each sender made at Azure',
      'an SMTP username at Azure',
    ],
    ends: acsEnd,
    conditions: acsConditions,
  },
  {
    kind: 'exchange-direct',
    order: 8,
    loses: ['the spam filter judges it like mail from anywhere', 'nobody tells whether a mail was delivered'],
    needs: ['port 25 open to the outside', 'Direct Send not switched off in the tenant'],
    ends: '',
    conditions: [
      noMicrosoft,
      insideOnly('Direct Send'),
      {
        question: 'fixed-address',
        answers: ['no'],
        excludes: 'without a fixed address in SPF it is taken for forged',
      },
    ],
  },
]

/** What fits these answers. Questions that were not asked exclude nothing. */
export function advise(answers: Answers): Advice {
  const judged = rows.map((row) => ({
    row,
    met: row.conditions.filter(({ question, answers: list }) => list.includes(answers[question] ?? '')),
  }))
  const fitting = judged.filter(({ met }) => met.every(({ excludes }) => excludes === undefined))
  const excluded = judged.flatMap(({ row: { kind }, met }) => {
    const reason = met.find(({ excludes }) => excludes !== undefined)?.excludes
    return reason === undefined ? [] : [{ kind, reason }]
  })
  const recommended = fitting
    .toSorted((one, other) => one.met.length - other.met.length || one.row.order - other.row.order)
    .map(({ row: { kind, loses, needs, ends }, met }) => ({
      kind,
      loses,
      needs: [...needs, ...met.flatMap((condition) => condition.needs ?? [])],
      ends,
    }))
  return { recommended, excluded, instead: recommended.length > 0 ? '' : insteadOf(answers) }
}

/** Only where mail is not at Microsoft and no other server is there: an inbound connector fits everybody else. */
const insteadOf = (answers: Answers): string =>
  answers['acs'] === 'yes'
    ? 'Nothing fits as it stands: Azure Communication Services would, with one sender for all devices and scans of up to 7 MB. Else take an SMTP account at a provider (kind smarthost).'
    : 'Nothing fits: take an SMTP account at a provider (kind smarthost). Until then the kind outbox keeps mail for seven days.'
