//! The kinds of paper: code, title, family of data, wording in force.
//!
//! Invariant: a code is for ever; records of printed papers carry it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Family;

macro_rules! kinds {
    ($($kind:ident = $code:literal, $family:ident, $title:literal;)+) => {
        /// A kind of paper.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum FormKind {
            $(#[doc = $title] #[serde(rename = $code)] $kind,)+
        }

        impl FormKind {
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The name machines use, stable for ever.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)+
                }
            }

            /// The name staff see.
            pub const fn title_ru(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)+
                }
            }

            /// Which data the paper is made of.
            pub const fn family(self) -> Family {
                match self {
                    $(Self::$kind => Family::$family,)+
                }
            }

            /// The wording in force: the whole template, front matter included.
            pub const fn wording(self) -> &'static str {
                match self {
                    $(Self::$kind => include_str!(concat!("../templates/", $code, ".md")),)+
                }
            }
        }
    };
}

kinds! {
    ConsentPd = "consent_pd", Person, "Согласие на обработку персональных данных";
    ConsentAdvertising = "consent_advertising", Person, "Согласие на получение рекламы и новостей";
    Withdrawal = "withdrawal", Person, "Отзыв согласия, требование прекратить обработку, отказ от рассылки";
    InterventionConsent = "intervention_consent", Person, "Информированное добровольное согласие";
    InterventionConsentRepresentative = "intervention_consent_representative", Person, "Информированное добровольное согласие законного представителя";
    InterventionRefusal = "intervention_refusal", Person, "Отказ от медицинского вмешательства";
    MinorContractConsent = "minor_contract_consent", Person, "Согласие законного представителя на заключение договора";
    MinorEscortConsent = "minor_escort_consent", Person, "Согласие законного представителя на сопровождение";
    SubjectRequest = "subject_request", Person, "Запрос субъекта персональных данных";
    DisclosurePermission = "disclosure_permission", Person, "Разрешение на раскрытие сведений";
    ConsumerNotice = "consumer_notice", Person, "Уведомление потребителя медицинских услуг";
    SubjectAnswer = "subject_answer", Subject, "Ответ на запрос субъекта персональных данных";
    SubjectRefusal = "subject_refusal", Subject, "Отказ в ответе на запрос субъекта персональных данных";
    SubjectExtension = "subject_extension", Subject, "Уведомление о продлении срока ответа";
    BlockNotice = "block_notice", Block, "Уведомление о блокировании персональных данных";
    UnblockNotice = "unblock_notice", Block, "Уведомление о снятии блокирования персональных данных";
    RectificationNotice = "rectification_notice", Rectification, "Уведомление об уточнении персональных данных";
    RectificationRefusal = "rectification_refusal", Rectification, "Отказ в уточнении персональных данных";
    RectificationThirdParty = "rectification_third_party", Rectification, "Уведомление третьего лица об уточнении персональных данных";
    DestructionAct = "destruction_act", Destruction, "Акт об уничтожении персональных данных";
    DestructionLog = "destruction_log", Destruction, "Выгрузка из журнала регистрации событий";
    DestructionNotice = "destruction_notice", Destruction, "Уведомление об уничтожении персональных данных";
    LeakNotice = "leak_notice", Leak, "Уведомление об утрате или разглашении персональных данных";
    AuthorityFirstNotice = "authority_first_notice", Incident, "Первичное уведомление Роскомнадзора об инциденте";
    AuthorityResultNotice = "authority_result_notice", Incident, "Дополнительное уведомление Роскомнадзора об инциденте";
    ClaimReceipt = "claim_receipt", Claim, "Расписка о приёме претензии";
    ClaimAnswer = "claim_answer", Claim, "Ответ на претензию";
    GiftCertificate = "gift_certificate", Certificate, "Подарочный сертификат";
    GiftCard = "gift_card", Certificate, "Подарочный сертификат, карточка";
    CertificateRedemption = "certificate_redemption", Certificate, "Отметка о погашении подарочного сертификата";
    CertificateRefundRequest = "certificate_refund_request", Certificate, "Заявление о возврате средств по подарочному сертификату";
    CertificateRefundAnswer = "certificate_refund_answer", Certificate, "Ответ на заявление о возврате средств по подарочному сертификату";
    DaySheet = "day_sheet", Day, "Лист записи на день";
    JournalClaims = "journal_claims", Register, "Журнал учёта претензий и обращений";
    JournalSubjects = "journal_subjects", Register, "Журнал учёта обращений субъектов персональных данных";
    JournalAuthorities = "journal_authorities", Register, "Журнал запросов государственных органов";
    JournalDisclosures = "journal_disclosures", Register, "Журнал передачи персональных данных";
    JournalPrinted = "journal_printed", Register, "Журнал напечатанных документов";
    AdmittedList = "admitted_list", Admitted, "Перечень лиц, допущенных к персональным данным";
    HandoverNote = "handover_note", Handover, "Сменная передаточная записка";
    DecommissionAct = "decommission_act", Decommission, "Акт вывода рабочего места из эксплуатации";
    RecoveryKit = "recovery_kit", Recovery, "Комплект восстановления ключа клиники";
}

impl fmt::Display for FormKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// No form has this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no form with this code")]
pub struct UnknownForm;

impl FromStr for FormKind {
    type Err = UnknownForm;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code).ok_or(UnknownForm)
    }
}
