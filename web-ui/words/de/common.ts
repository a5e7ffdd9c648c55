import type { common as source } from '../en/common.ts'
import type { Translation } from '../words.ts'

export const common: Translation<typeof source> = {
  'nav.home': 'Start',
  'nav.live': 'Live',
  'nav.devices': 'Drucker',
  'nav.queue': 'Warteliste',
  'nav.more': 'Mehr',
  'nav.label': 'Seiten',
  'nav.skip': 'Zum Inhalt springen',
  'do.save': 'Speichern',
  'do.cancel': 'Abbrechen',
  'do.close': 'Schließen',
  'do.retry': 'Noch einmal versuchen',
  'do.undo': 'Rückgängig',
  'do.back': 'Zurück',
  'do.copy': 'Kopieren',
  'do.copied': 'Kopiert',
  'do.later': 'Später erledigen',
  'do.next': 'Weiter',
  'state.busy': 'Einen Moment …',
  'state.slow': 'Das dauert länger als es sollte. {reason}',
  'trouble.unreachable': 'Die Box antwortet nicht. Ist dieses Telefon noch in ihrem Netz?',
  'trouble.timeout': 'Die Box hat innerhalb von {seconds} s nicht geantwortet.',
  'trouble.signed-out': 'Ihre Sitzung ist zu Ende. Melden Sie sich neu an.',
  'trouble.unexpected': 'Das hat nicht geklappt: {reason}',
  'nowhere.title': 'Diese Seite gibt es nicht.',
  'password.show': 'Passwort zeigen',
  'password.hide': 'Passwort verbergen',
  'managed.line': 'Von der Zentrale verwaltet: Es wird dort geändert, nicht hier.',
  'managed.ask': 'Fragen Sie {contact}.',
  'managed.parts':
    'Nicht das ganze Dokument: Was die Zentrale verwaltet, steht auf der unten genannten Seite.',
  'managed.device':
    'Hier änderbar: die offenen Felder, an denen der Drucker erkannt wird, und sein Passwort, wo eine Schaltfläche dafür zu sehen ist.',
  'managed.page': 'Boxen und Zentrale',
}
