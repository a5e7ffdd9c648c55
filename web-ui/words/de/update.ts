import type { update as source } from '../en/update.ts'
import type { Translation } from '../words.ts'

export const update: Translation<typeof source> = {
  'update.now': 'Jetzt',
  'update.runs': 'Diese Box läuft mit',
  'update.other': 'Zurück könnte sie zu',
  'update.as-written': 'wie die Karte beschrieben wurde',
  'update.half': 'nichts',
  'update.window': 'Zeitfenster',
  'update.opens': '{window}, das nächste {time}',
  'update.index': 'Sieht nach bei',
  'update.index-none': 'niemandem: update.url ist nicht gesetzt',
  'update.looked': 'Zuletzt nachgesehen',
  'update.looked-newest': '{time}: neueste ist {version}',
  'update.not-ours':
    'Aktualisierungen kommen auf diesem Gerät nicht von hier: Wer es betreut, aktualisiert seine Pakete.',
  'update.state': 'Aktualisierung',
  'update.fetching': 'Ein Bundle wird geholt.',
  'update.verified':
    'Version {version} ist geprüft und kann installiert werden. Das Zeitfenster öffnet: {time}.',
  'update.waiting': 'Version {version} wartet auf ihr Zeitfenster: {time}.',
  'update.at-once': 'Version {version} beginnt sofort.',
  'update.installing': 'Version {version} wird installiert. Mail läuft währenddessen weiter.',
  'update.restart-due': 'Version {version} ist installiert. Die Box startet damit neu: {time}.',
  'update.on-trial':
    'Version {version} ist auf Probe. Sie bleibt, wenn drei Minuten lang alles ging; sonst kommt die frühere zurück.',
  'update.on-trial-not':
    'Sie ist noch nicht gesund. Bleibt das so, kommt nach spätestens 15 Minuten die frühere Version zurück.',
  'update.kept': 'Die Aktualisierung auf {version} hat geklappt ({time}).',
  'update.rolled-back':
    'Die Aktualisierung auf {version} hat nicht geklappt: {reason} Diese Box läuft wieder mit {running}, nichts ging verloren.',
  'update.did-not-start': 'Sie startete nicht.',
  'update.not-healthy': 'Sie startete und war nicht rechtzeitig gesund.',
  'update.taken-back': 'Sie wurde zurückgenommen.',
  'update.failed': 'Aus einer Aktualisierung wurde nichts ({time}). Nichts wurde geändert.',
  'update.percent': '{percent} %',
  'update.in-window': 'Im Zeitfenster installieren',
  'update.install-now': 'Jetzt installieren',
  'update.restart-now': 'Jetzt neu starten',
  'update.ordered': 'Es läuft.',
  'update.cancel': 'Aufgeben',
  'update.cancelled': 'Aufgegeben.',
  'update.get': 'Eine Aktualisierung holen',
  'update.get-line':
    'Ein Bundle ist eine Datei, deren Name auf .raucb endet. Es wird geprüft, bevor etwas installiert wird, und Mail bleibt.',
  'update.fetch': '{version} holen',
  'update.check': 'Jetzt nachsehen',
  'update.checked': 'Die neueste Version ist {version}.',
  'update.file': 'Bundle',
  'update.upload': 'Senden',
  'update.sent': '{percent} % gesendet. Bleiben Sie auf dieser Seite.',
  'update.from-url': 'Adresse eines Bundles (https)',
  'update.fetch-url': 'Holen',
  'update.sticks': 'Von einem USB-Stick',
  'update.sticks-none': 'Es steckt kein Stick mit einem Bundle.',
  'update.sticks-look': 'Sticks ansehen',
  'update.take': 'Nehmen',
  'update.back': 'Die frühere Version',
  'update.back-line': 'Die Box kann zu dem System zurück, das vorher lief. Mail und Einstellungen bleiben.',
  'update.back-do': 'Zurück zu {version}',
  'update.back-other': 'Zurück',
  'update.back-done': 'Die Box startet mit der früheren Version neu.',
  'update.available': 'Version {version} ist da. Diese Box läuft mit {running}.',
  'update.receiving': 'Ein Bundle wird an diese Box gesendet.',
  'update.resume':
    'Wurde es unterbrochen: Wählen Sie dieselbe Datei noch einmal, dann geht es weiter, wo es aufhörte.',
  'update.restarts':
    'Die Box startet jetzt mit Version {version} neu. Diese Seite ist in etwa einer Minute wieder da; Drucker versuchen es noch einmal.',
  'update.restart-hint':
    'Danach startet die Box neu, etwa eine Minute lang. Drucker versuchen es noch einmal, keine Mail geht verloren.',
  'update.rolled-back-next':
    'Sie wird nicht von selbst noch einmal installiert. Sagen Sie es denen, die die Aktualisierungen veröffentlichen, und warten Sie auf die nächste Version.',
  'update.taken-back-next': 'Jemand ging zurück. Sie wird nicht von selbst noch einmal installiert.',
  'update.failed-next': 'Holen Sie es unten noch einmal, oder ein anderes Bundle.',
  'update.from-file': 'Von diesem Telefon oder Rechner',
  'update.by-url': 'Von einer Adresse',
  'update.back-hint':
    'Die Box startet neu, etwa eine Minute lang. Die Version, die sie verlässt, wird nicht von selbst noch einmal installiert.',
}
