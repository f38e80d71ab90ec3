/** Words of blocks, consents and calls. Keyed by the wire's types: nothing can be left unsaid. */
import type {
  BlockGround,
  BlockRequester,
  Channel,
  ConsentAnswer,
  ConsentKind,
  ConsentStatus,
  ContactWhy,
  LiftGround,
  Purpose,
} from "../wire/wire";
import type { Tone } from "./ui/tone";

/** As the desk writes it in the place of a name. */
export const blockedWords = "Данные заблокированы";

export const blockRequester: Record<BlockRequester, string> = {
  subject: "Сам человек",
  representative: "Представитель",
  authority: "Роскомнадзор",
  clinic: "Клиника",
  unknown: "Кто — не знает эта версия",
};
export const blockRequesters: readonly BlockRequester[] = ["subject", "representative", "authority", "clinic"];

export const blockGround: Record<BlockGround, string> = {
  unreliable: "Данные неверны",
  unlawful: "Обработка неправомерна",
  withdrawal_pending: "Отозвал согласие",
  dispute: "Спор",
  restored: "Восстановлено сервером после сбоя",
  unknown: "Основание не знает эта версия",
};
/** In the order of their digits. */
export const blockGrounds: readonly BlockGround[] = ["unreliable", "unlawful", "withdrawal_pending", "dispute"];

export const liftGround: Record<LiftGround, string> = {
  rectified: "Данные исправлены",
  confirmed: "Проверка подтвердила данные",
  stopped: "Нарушение прекращено",
  taken_back: "Обратившийся передумал",
  mistake: "Заблокировано по ошибке",
  unknown: "Основание не знает эта версия",
};
export const liftGrounds: readonly LiftGround[] = ["rectified", "confirmed", "stopped", "taken_back", "mistake"];

export const consentKind: Record<ConsentKind, string> = {
  processing: "Обработка ПДн",
  reminders: "Напоминания о приёме",
  newsletter: "Новости и цены",
  advertising: "Реклама",
  disclosure: "Сведения другим лицам",
  unknown: "Вид не знает эта версия",
};
/** In the order of the card. */
export const consentKinds: readonly ConsentKind[] = ["processing", "reminders", "newsletter", "advertising", "disclosure"];

/** The form whose signature gives the consent. */
export const consentForm: Partial<Record<ConsentKind, string>> = {
  processing: "consent_pd",
  reminders: "consent_pd",
  newsletter: "consent_advertising",
  advertising: "consent_advertising",
  disclosure: "disclosure_permission",
};

export const consentStatus: Record<ConsentStatus, { label: string; tone: Tone }> = {
  unknown: { label: "не спрашивали", tone: "idle" },
  given: { label: "дано", tone: "ok" },
  refused: { label: "отказ", tone: "warn" },
  withdrawn: { label: "отозвано", tone: "bad" },
  expired: { label: "срок истёк", tone: "warn" },
};

export const consentAnswer: Record<ConsentAnswer, string> = { given: "Согласие дано", refused: "Отказ", withdrawn: "Отзыв" };
export const consentAnswers: readonly ConsentAnswer[] = ["given", "refused", "withdrawn"];

export const channel: Record<Channel, string> = {
  paper: "Подписал(а) бумагу",
  desk: "Лично у стойки",
  phone: "По телефону",
  email: "По эл. почте",
  post: "Письмом",
  site: "На сайте",
  unknown: "способ не знает эта версия",
};
export const channels: readonly Channel[] = ["paper", "desk", "phone", "email", "post", "site"];

/** In the order of their digits. */
export const purposes: readonly { value: Purpose; label: string }[] = [
  { value: "service", label: "По заявке, записи или сертификату" },
  { value: "reminder", label: "Напомнить о приёме" },
  { value: "newsletter", label: "Рассказать новости и цены" },
  { value: "advertising", label: "Предложить услуги (реклама)" },
];

export const contactWhy: Record<ContactWhy, string> = {
  own_request: "Можно: человек обратился сам. Предложения не озвучивайте.",
  coming_visit: "Можно: есть предстоящий приём, от напоминаний не отказывались.",
  consented: "Можно: согласие дано и действует.",
  blocked: "Нельзя: данные заблокированы. Обратитесь к управляющему.",
  not_asked: "Нельзя: согласия нет — его не спрашивали.",
  refused: "Нельзя: человек отказался.",
  withdrawn: "Нельзя: согласие отозвано.",
  expired: "Нельзя: срок согласия истёк.",
  no_visit: "Не о чем напоминать: предстоящих приёмов нет.",
  not_in_text: "Нельзя: в подписанном тексте этой цели нет. Дайте подписать новую редакцию.",
};
