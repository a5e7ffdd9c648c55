import type { signIn as source } from '../en/sign-in.ts'
import type { Translation } from '../words.ts'

export const signIn: Translation<typeof source> = {
  'sign-in.title': 'تسجيل الدخول إلى {box}',
  'sign-in.name': 'الاسم',
  'sign-in.password': 'كلمة المرور',
  'sign-in.go': 'دخول',
  'sign-in.out': 'خروج',
  'sign-in.lost': 'فقدت كلمة المرور أو الهاتف؟',
  'sign-in.lost-cure':
    'يمكن لمدير آخر أن يضع كلمة مرور جديدة. وإن لم يوجد، فيمكن ذلك لمن يقف أمام الجهاز: الملصق والدليل يبيّنان كيف.',
  'code.title': 'خطوة أخرى',
  'code.code': 'رمز التطبيق',
  'code.hint': 'ستة أرقام من التطبيق على هاتفك، أو أحد رموزك الاحتياطية.',
  'code.go': 'متابعة',
  'enrol.title': 'إعداد الخطوة الثانية',
  'enrol.explain':
    'يطلب هذا الجهاز رمزًا من تطبيق مع كلمة المرور. امسح هذا بتطبيق المصادقة، ثم اكتب الرمز الذي يظهر.',
  'enrol.qr': 'رمز QR لتطبيق المصادقة',
  'enrol.here': 'التطبيق على هذا الهاتف: افتحه',
  'enrol.by-hand': 'أو اكتب هذا في التطبيق:',
  'enrol.codes': 'احتفظ بهذه الرموز',
  'enrol.codes-explain': 'كل منها يُدخلك مرة واحدة إذا فُقد الهاتف. لن تظهر مرة أخرى.',
  'enrol.codes-kept': 'احتفظت بها',
  'pass.title': 'تصريح يومي إلى {box}',
  'pass.explain': 'يتيح لك هذا الرابط العمل على هذا الجهاز يومًا واحدًا. يُستخدم مرة واحدة على هذا الهاتف.',
  'pass.go': 'ابدأ',
  'recovery.title': 'رمز الاسترداد',
  'recovery.explain':
    'يحفظ الجهاز كل ليلة نسخة مختومة من نفسه. هذا الرمز وحده يفتحها. اكتبه واحفظه بعيدًا عن الجهاز: لن يظهر مرة أخرى.',
  'recovery.part': 'المجموعتان الأخيرتان',
  'recovery.part-hint': 'اقرأهما مما كتبت.',
  'recovery.confirm': 'كتبته',
  'recovery.confirmed': 'تم تأكيد رمز الاسترداد.',
  'language.choose': 'اللغة',
  'claim.title': 'هذا الجهاز جديد',
  'claim.explain': 'أنشئ أول مشغّل. يدل رمز التملّك على أنك أمام الجهاز: تجده على ملصقه وشاشته.',
  'claim.code': 'رمز التملّك',
  'claim.name': 'اسمك',
  'claim.password': 'كلمة مرور جديدة',
  'claim.password-hint': 'عشرة أحرف على الأقل. الطول خير من التعقيد.',
  'claim.go': 'تملّك الجهاز',
}
