import type { answers as source } from '../en/answers.ts'
import type { Translation } from '../words.ts'

export const answers: Translation<typeof source> = {
  'answer.wrong-claim-code': 'Der Übernahmecode ist ein anderer.',
  'answer.wrong-password': 'Name oder Passwort ist falsch.',
  'answer.wrong-present-password': 'Das ist nicht Ihr jetziges Passwort.',
  'answer.wrong-code': 'Dieser Code ist falsch oder wurde schon benutzt.',
  'answer.too-many-guesses': 'Von hier kamen zu viele falsche: in 4 Sekunden noch einmal versuchen.',
  'answer.too-busy': 'Gerade melden sich viele an: in 2 Sekunden noch einmal versuchen.',
  'answer.begin-again':
    'Das dauerte zu lange oder waren zu viele Versuche: mit Name und Passwort neu beginnen.',
  'answer.pass-over':
    'Dieser Link wurde schon benutzt, ist zu alt oder wurde zurückgezogen: einen neuen erbitten.',
  'answer.backup-after-reset':
    'Diese Box wurde zurückgesetzt: Die Datei enthält ihre Einstellungen, aber weder Mail noch den Schlüssel ihrer Geheimnisse. Eine vollständige Sicherung macht ein Befehl auf der Box.',
}
