//! What the desk knows about itself: which one it is, and small settings of its own.

use sqlx::Row;

use crate::{
    Store,
    apply::{parse, text},
    error::StoreError,
    model::Meta,
    open::begin,
};

impl Store {
    /// Notes which desk this is. Again with the same answer is fine; with another one it is not.
    ///
    /// # Errors
    /// [`StoreError::AlreadySettled`] when the desk belongs elsewhere.
    pub async fn settle(&self, meta: &Meta) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        let inserted = sqlx::query(
            "INSERT INTO desk (one, desk, clinic, gateway, clinic_key_id, created_at) VALUES (1, ?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (one) DO NOTHING",
        )
        .bind(meta.desk.as_str())
        .bind(meta.clinic.as_str())
        .bind(&meta.gateway)
        .bind(&meta.clinic_key_id)
        .bind(text(meta.created_at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        drop(writer);
        let same = |known: &Meta| known.desk == meta.desk && known.clinic == meta.clinic;
        if inserted.rows_affected() == 1 || self.meta().await?.is_some_and(|known| same(&known)) {
            Ok(())
        } else {
            Err(StoreError::AlreadySettled)
        }
    }

    /// The gateway let the desk in anew, under another id: what it did and what it knows stays, and the feed is read from its
    /// beginning.
    ///
    /// # Errors
    /// Of the database; the desk is the one that it was then.
    pub async fn settle_anew(&self, meta: &Meta) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query("UPDATE desk SET desk = ?1, gateway = ?2, clinic_key_id = ?3 WHERE one = 1")
            .bind(meta.desk.as_str())
            .bind(&meta.gateway)
            .bind(&meta.clinic_key_id)
            .execute(&mut *tx)
            .await?;
        sqlx::query("UPDATE outbox SET desk = ?1").bind(meta.desk.as_str()).execute(&mut *tx).await?;
        sqlx::query("UPDATE feed SET cursor = NULL, generation = generation + 1, resyncing = 1 WHERE one = 1")
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Which desk this is, once settled.
    ///
    /// # Errors
    /// Of the database.
    pub async fn meta(&self) -> Result<Option<Meta>, StoreError> {
        let row = sqlx::query("SELECT desk, clinic, gateway, clinic_key_id, created_at FROM desk WHERE one = 1")
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (desk, clinic): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Some(Meta {
            desk: desk.parse().map_err(|_| StoreError::Corrupt("desk"))?,
            clinic: clinic.parse().map_err(|_| StoreError::Corrupt("clinic"))?,
            gateway: row.try_get(2)?,
            clinic_key_id: row.try_get(3)?,
            created_at: parse(row.try_get(4)?)?,
        }))
    }

    /// A setting.
    ///
    /// # Errors
    /// Of the database.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let value = sqlx::query_scalar("SELECT value FROM setting WHERE key = ?1")
            .bind(key)
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        Ok(value)
    }

    /// Keeps a setting.
    ///
    /// # Errors
    /// Of the database.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let mut tx = begin(&mut writer).await?;
        sqlx::query(
            "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}
