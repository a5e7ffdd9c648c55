import type { signIn as source } from '../en/sign-in.ts'
import type { Translation } from '../words.ts'

export const signIn: Translation<typeof source> = {
  'sign-in.title': 'Connexion à {box}',
  'sign-in.name': 'Nom',
  'sign-in.password': 'Mot de passe',
  'sign-in.go': 'Se connecter',
  'sign-in.out': 'Se déconnecter',
  'sign-in.lost': 'Mot de passe ou téléphone perdu ?',
  'sign-in.lost-cure':
    'Un autre administrateur peut mettre un nouveau mot de passe. S’il n’y en a pas, la personne devant le boîtier le peut : l’étiquette et le manuel disent comment.',
  'code.title': 'Encore une étape',
  'code.code': 'Code de l’application',
  'code.hint': 'Six chiffres de l’application sur votre téléphone, ou un de vos codes de secours.',
  'code.go': 'Continuer',
  'enrol.title': 'Préparer la seconde étape',
  'enrol.explain':
    'Ce boîtier veut un code d’une application en plus du mot de passe. Scannez ceci avec une application d’authentification, puis tapez le code qu’elle montre.',
  'enrol.qr': 'Code QR pour l’application d’authentification',
  'enrol.here': 'L’application est sur ce téléphone : l’ouvrir',
  'enrol.by-hand': 'Ou tapez ceci dans l’application :',
  'enrol.codes': 'Gardez ces codes',
  'enrol.codes-explain':
    'Chacun vous laisse entrer une fois, si le téléphone se perd. Ils ne seront plus montrés.',
  'enrol.codes-kept': 'Je les ai gardés',
  'pass.title': 'Laissez-passer pour {box}',
  'pass.explain':
    'Ce lien vous laisse travailler sur ce boîtier une journée. Il sert une fois, sur ce téléphone.',
  'pass.go': 'Commencer',
  'recovery.title': 'Code de récupération',
  'recovery.explain':
    'Le boîtier garde chaque nuit une copie scellée de lui-même. Ce code l’ouvre, et rien d’autre. Notez-le et gardez-le loin du boîtier : il ne sera plus montré.',
  'recovery.part': 'Les deux derniers groupes',
  'recovery.part-hint': 'Lisez-les sur votre note.',
  'recovery.confirm': 'Je l’ai noté',
  'recovery.confirmed': 'Le code de récupération est confirmé.',
  'language.choose': 'Langue',
  'claim.title': 'Ce boîtier est neuf',
  'claim.explain':
    'Créez le premier compte. Le code de prise en main montre que vous êtes devant le boîtier : il est sur son étiquette et son écran.',
  'claim.code': 'Code de prise en main',
  'claim.name': 'Votre nom',
  'claim.password': 'Nouveau mot de passe',
  'claim.password-hint': 'Au moins 10 caractères. Long vaut mieux que compliqué.',
  'claim.go': 'Le prendre en main',
}
