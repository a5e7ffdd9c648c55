import { textAnswer } from './answers.ts'
import { guardedHeaders } from './console-site.ts'
import { escaped, plainPagePolicy } from './plain-page.ts'
import { type Answer, type Asked, route, type Site } from './router.ts'

export interface StandInFacts {
  /** In English, why nothing can be stored, and what to do. */
  readonly reason: () => string
  readonly isTrusted: (address: string) => boolean
}

/**
 * What is answered while the data directory can't be used: a page that says so, and the probes. Nobody signs in: who may is
 * written there. The names of the box are, too, so any `Host` is taken; the page holds nothing that another site could want.
 */
export function standInSite({ reason, isTrusted }: StandInFacts): Site {
  const notReady = () => textAnswer(`not ready: ${reason()}\n`, 503)
  const say = (asked: Asked): Answer =>
    wantsHtml(asked) ? page(reason(), asked) : textAnswer(`${sentences.en}\n${reason()}\n`, 503)
  return {
    headers: guardedHeaders,
    guard: ({ from }) =>
      isTrusted(from) ? undefined : textAnswer('This page is for trusted networks only.\n', 403),
    admit: ({ from }, access) => ({ kind: 'admitted', caller: { access, who: `somebody at ${from}` } }),
    routes: [
      route('GET', '/healthz', 'everybody', () => textAnswer('ok\n')),
      route('GET', '/readyz', 'everybody', notReady),
    ],
    notFound: say,
    notAllowed: say,
    failed: () => textAnswer('Something went wrong here.\n', 500),
  }
}

const wantsHtml = ({ headers, path }: Asked): boolean =>
  /\btext\/html\b/.test(headers.accept ?? '') && !path.startsWith('/api/')

/** The languages of the console; what it was set to is not known here. */
const sentences = {
  en: 'This box can not store anything: no mail is taken and none is sent. It goes on by itself as soon as it can.',
  de: 'Dieses Gerät kann nichts speichern: Es nimmt keine Mail an und sendet keine. Es macht von selbst weiter, sobald es kann.',
  fr: "Ce boîtier ne peut rien enregistrer : aucun message n'est accepté ni envoyé. Il reprendra de lui-même dès que possible.",
  it: 'Questo apparecchio non può salvare nulla: nessun messaggio viene accettato o inviato. Riprende da solo appena può.',
  ja: 'この機器は何も保存できません。メールの受け付けも送信も行いません。保存できるようになれば自動的に再開します。',
  ar: 'لا يستطيع هذا الجهاز حفظ أي شيء: لا يُستلم بريد ولا يُرسل. وسيتابع العمل من تلقاء نفسه متى استطاع.',
} as const
type Language = keyof typeof sentences

const isLanguage = (word: string): word is Language => Object.hasOwn(sentences, word)

/** The first that the browser names (RFC 9110 section 12.5.4) and that is there. */
function languageOf({ headers }: Asked): Language {
  const named = (headers['accept-language'] ?? '').toLowerCase().matchAll(/[a-z]+(?=[-,;]|$)/g)
  return [...named].map(([word]) => word).find(isLanguage) ?? 'en'
}

const style =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-inline-size:40rem;margin:0 auto;padding:1rem}h1{font-size:1.25rem}p{overflow-wrap:anywhere}'
const policy = plainPagePolicy(style)

/** It looks again by itself, and finds the console once the box goes on. */
function page(reason: string, asked: Asked): Answer {
  const language = languageOf(asked)
  const body = `<!doctype html><html lang="${language}"${language === 'ar' ? ' dir="rtl"' : ''}><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="10"><title>inkpost</title><style>${style}</style><h1>${escaped(sentences[language])}</h1><p lang="en" dir="ltr">${escaped(reason)}</p></html>`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    vary: 'Accept, Accept-Language',
  }
  return { status: 503, headers, body }
}
