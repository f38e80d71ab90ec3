//! The one list of commands. Tauri's handlers, its manifest and the TypeScript client are all made from it.
//!
//! `for_each_command!(m)` calls `m! { name(Args) -> View; … }`. A command that does not need a signed-in member of
//! the staff stands in [`BEFORE_SIGN_IN`]; every other one is refused in Rust while the desk is locked.

/// Calls the macro with the whole list.
#[macro_export]
macro_rules! for_each_command {
    ($callback:ident) => {
        $callback! {
            app_view(Nothing) -> AppView;
            connect(ConnectArgs) -> AppView;
            found_clinic(FoundArgs) -> AppView;
            rescue(RescueArgs) -> AppView;
            sign_in(SignInArgs) -> AppView;
            lock(Nothing) -> AppView;
            touch(Nothing) -> Nothing;

            shift_start(Nothing) -> ShiftBrief;
            shift_brief(Nothing) -> ShiftBrief;
            shift_team(Nothing) -> TeamView;
            shift_note(HandOverArgs) -> TeamView;
            shift_take(TakeOverArgs) -> TeamView;
            shift_closing(Nothing) -> ClosingView;
            shift_end(ShiftEndArgs) -> ClosingView;
            sync_view(Nothing) -> SyncView;
            sync_now(Nothing) -> SyncView;
            outbox_list(Nothing) -> Vec<OutboxRow>;
            outbox_retry(OutboxArgs) -> Nothing;
            outbox_discard(OutboxArgs) -> Nothing;
            outbox_draft(OutboxArgs) -> Draft;
            outbox_amend(AmendArgs) -> Nothing;
            outbox_conflict(OutboxArgs) -> ConflictView;
            outbox_resolve(ResolveArgs) -> Nothing;

            queue_list(QueueArgs) -> QueueView;
            request_card(RequestArgs) -> RequestCard;
            request_claim(RequestArgs) -> RequestCard;
            request_release(RequestArgs) -> RequestCard;
            request_log_call(LogCallArgs) -> RequestCard;
            request_retract_call(RetractCallArgs) -> RequestCard;
            request_close(CloseArgs) -> RequestCard;
            request_reopen(RequestArgs) -> RequestCard;
            request_reread(RequestArgs) -> Reread;
            request_link_person(LinkPersonArgs) -> RequestCard;
            request_check(RequestArgs) -> RequestCard;

            schedule_day(DayArgs) -> DayView;
            schedule_week(DayArgs) -> WeekView;
            schedule_openings(OpeningsArgs) -> Vec<Opening>;
            schedule_confirmations(Nothing) -> ConfirmationView;
            schedule_waiting(WaitlistArgs) -> WaitingView;
            visit_book(BookArgs) -> Booked;
            visit_move(MoveArgs) -> VisitRow;
            visit_step(VisitArgs) -> VisitRow;
            visit_cancel(CancelArgs) -> VisitRow;
            visit_wish(WishArgs) -> VisitRow;

            certificate_find(CertificateArgs) -> CertificateFound;
            certificate_card(CertificateByIdArgs) -> CertificateView;
            certificate_last4(LastFourArgs) -> LastFourView;
            certificate_issue(IssueArgs) -> Redeemed;
            certificate_redeem(RedeemArgs) -> Redeemed;
            certificate_reverse(ReverseArgs) -> Redeemed;
            certificate_refund(RedeemArgs) -> Redeemed;
            certificate_extend(ExtendArgs) -> CertificateView;
            certificate_step(CertificateStepArgs) -> CertificateView;
            certificate_paper(CertificatePaperArgs) -> PaperPreview;
            certificates_of(PersonArgs) -> Vec<CertificateRow>;

            person_card(PersonArgs) -> PersonCard;
            person_put(PersonPutArgs) -> PersonCard;
            person_cover(CoverArgs) -> CoverView;
            person_block(BlockArgs) -> PersonCard;
            person_check(PersonArgs) -> PersonCard;
            person_unblock(UnblockArgs) -> PersonCard;
            person_merge(MergeArgs) -> PersonCard;
            person_part(PartArgs) -> PersonCard;
            consent_record(ConsentArgs) -> PersonCard;
            contact_ask(ContactArgs) -> ContactLeave;

            cases_list(CasesArgs) -> CasesView;
            case_card(CaseArgs) -> CaseCard;
            case_check(CaseArgs) -> CaseCard;
            case_put(CasePutArgs) -> CaseCard;
            case_step(CaseStepArgs) -> CaseCard;
            case_step_back(CaseStepBackArgs) -> CaseCard;
            case_affected(CaseArgs) -> AffectedView;

            data_export(ExportArgs) -> Exported;
            list_export(ListExportArgs) -> Exported;
            destruction_queue(Nothing) -> DestructionView;
            destruction_run(DestroyArgs) -> DestructionView;
            audit_view(AuditArgs) -> AuditView;
            policy_view(Nothing) -> PolicyView;
            policy_check(Nothing) -> PolicyView;
            policy_read(PolicyReadArgs) -> PolicyView;
            search(SearchArgs) -> SearchView;

            paper_preview(PreviewArgs) -> PaperPreview;
            paper_print(PrintArgs) -> Printed;
            paper_save(SaveArgs) -> SavedFile;
            paper_kinds(Nothing) -> Vec<PaperKind>;
            paper_again(SheetArgs) -> PaperPreview;
            paper_step(PaperStepArgs) -> SheetView;
            paper_step_back(PaperStepBackArgs) -> SheetView;
            paper_scan(ScanArgs) -> SheetView;
            paper_scan_file(ScanFileArgs) -> ScanRead;
            paper_scan_keep(ScanKeepArgs) -> SheetView;
            paper_scanned(SheetArgs) -> PaperPreview;
            papers_waiting(WaitingArgs) -> WaitingPapers;
            doctors(Nothing) -> Vec<DoctorView>;
            papers_journal(JournalArgs) -> Vec<JournalRow>;
            packet_view(PacketArgs) -> PacketView;
            packet_print(PacketPrintArgs) -> PacketPrinted;
            packet_kinds(PacketKindsArgs) -> Nothing;
            paper_ways(Nothing) -> Vec<PaperWay>;
            paper_way_put(PaperWayArgs) -> Vec<PaperWay>;
            paper_trial(PaperWayArgs) -> Printed;
            printers(Nothing) -> Vec<PrinterView>;
            print_jobs(Nothing) -> Vec<JobView>;
            wordings_list(Nothing) -> Vec<WordingRow>;
            wording_open(FormArgs) -> WordingView;
            wording_check(WordingArgs) -> WordingChecked;
            wording_save(WordingSaveArgs) -> WordingSaved;
            wording_sign_again(FormArgs) -> Vec<SignAgainRow>;
            own_form_new(OwnFormNewArgs) -> OwnFormView;
            own_form_open(FormArgs) -> OwnFormView;
            own_form_put(OwnFormPutArgs) -> OwnFormView;
            own_form_retire(FormArgs) -> Nothing;

            settings_view(Nothing) -> SettingsView;
            settings_clinic(ClinicArgs) -> SettingsView;
            settings_doctor(DoctorArgs) -> SettingsView;
            settings_staff(StaffArgs) -> SettingsView;
            settings_sources(Nothing) -> Vec<SourceRow>;
            window_settings(Nothing) -> WindowSettings;
            window_settings_put(WindowSettings) -> WindowSettings;

            keys_view(Nothing) -> KeysView;
            kit_print(KitPrintArgs) -> KeysView;
            kit_check(KitCheckArgs) -> KeysView;
            copies_folder(CopiesFolderArgs) -> KeysView;
            copy_now(Nothing) -> KeysView;
            rescue_read(Nothing) -> KeysView;

            desks_list(Nothing) -> DesksView;
            desk_release(DeskReleaseArgs) -> DesksView;
            desk_invite(Nothing) -> InvitationView;
            reconnect(ReconnectArgs) -> SyncView;
        }
    };
}

macro_rules! names {
    ($($name:ident ($args:ty) -> $view:ty;)*) => {
        /// Every command by name, as it is invoked; `paper_pdf` answers with raw bytes and `file_take` takes them: they
        /// stand apart.
        pub const COMMANDS: &[&str] = &[$(stringify!($name),)* "paper_pdf", "file_take"];
    };
}
for_each_command!(names);

/// Commands that work before anybody signed in.
pub const BEFORE_SIGN_IN: &[&str] = &["app_view", "connect", "found_clinic", "rescue", "sign_in", "lock"];

/// Events that the shell sends: `sync` carries [`crate::ui::SyncView`], `changed` nothing (re-read what you show),
/// `locked` nothing.
pub const EVENTS: &[&str] = &["sync", "changed", "locked"];
