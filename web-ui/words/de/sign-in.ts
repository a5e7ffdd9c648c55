import type { signIn as source } from '../en/sign-in.ts'
import type { Translation } from '../words.ts'

export const signIn: Translation<typeof source> = {
  'sign-in.title': 'Anmelden bei {box}',
  'sign-in.name': 'Name',
  'sign-in.password': 'Passwort',
  'sign-in.go': 'Anmelden',
  'sign-in.out': 'Abmelden',
  'sign-in.lost': 'Passwort oder Telefon verloren?',
  'sign-in.lost-cure':
    'Ein anderer Administrator kann ein neues Passwort setzen. Gibt es keinen, kann es, wer vor der Box steht: Etikett und Handbuch sagen, wie.',
  'code.title': 'Noch ein Schritt',
  'code.code': 'Code der App',
  'code.hint': 'Sechs Ziffern aus der App auf Ihrem Telefon, oder einer Ihrer Ersatzcodes.',
  'code.go': 'Weiter',
  'enrol.title': 'Zweiten Schritt einrichten',
  'enrol.explain':
    'Diese Box verlangt neben dem Passwort einen Code aus einer App. Scannen Sie dies mit einer Authenticator-App und tippen Sie den Code ein, den sie zeigt.',
  'enrol.qr': 'QR-Code für die Authenticator-App',
  'enrol.here': 'Die App ist auf diesem Telefon: öffnen',
  'enrol.by-hand': 'Oder tippen Sie dies in die App:',
  'enrol.codes': 'Bewahren Sie diese Codes auf',
  'enrol.codes-explain':
    'Jeder lässt Sie einmal hinein, falls das Telefon verloren geht. Sie werden nicht noch einmal gezeigt.',
  'enrol.codes-kept': 'Ich habe sie aufbewahrt',
  'pass.title': 'Tagespass für {box}',
  'pass.explain':
    'Mit diesem Link können Sie einen Arbeitstag lang an dieser Box arbeiten. Er gilt einmal, auf diesem Telefon.',
  'pass.go': 'Anfangen',
  'recovery.title': 'Wiederherstellungscode',
  'recovery.explain':
    'Die Box hebt jede Nacht eine versiegelte Kopie von sich auf. Dieser Code öffnet sie, und sonst nichts. Schreiben Sie ihn auf und verwahren Sie ihn nicht bei der Box: Er wird nicht noch einmal gezeigt.',
  'recovery.part': 'Die letzten zwei Gruppen',
  'recovery.part-hint': 'Lesen Sie sie von Ihrer Notiz ab.',
  'recovery.confirm': 'Ich habe ihn aufgeschrieben',
  'recovery.confirmed': 'Der Wiederherstellungscode ist bestätigt.',
  'language.choose': 'Sprache',
  'claim.title': 'Diese Box ist neu',
  'claim.explain':
    'Legen Sie den ersten Zugang an. Der Inbesitznahme-Code zeigt, dass Sie vor der Box stehen: Er steht auf ihrem Etikett und ihrem Bildschirm.',
  'claim.code': 'Inbesitznahme-Code',
  'claim.name': 'Ihr Name',
  'claim.password': 'Neues Passwort',
  'claim.password-hint': 'Mindestens 10 Zeichen. Lang ist besser als kompliziert.',
  'claim.go': 'In Besitz nehmen',
}
