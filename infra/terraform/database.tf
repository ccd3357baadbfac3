resource "google_compute_global_address" "database" {
  name          = "floorlog-database"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.floorlog.id
}

resource "google_service_networking_connection" "database" {
  network                 = google_compute_network.floorlog.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.database.name]
}

resource "google_sql_database_instance" "floorlog" {
  name                = "floorlog"
  database_version    = "POSTGRES_16"
  deletion_protection = true

  settings {
    tier              = var.database_tier
    edition           = "ENTERPRISE"
    availability_type = "REGIONAL"
    disk_autoresize   = true

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.floorlog.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = true
      transaction_log_retention_days = 7
      backup_retention_settings {
        retained_backups = 30
      }
    }

    insights_config {
      query_insights_enabled = true
    }
  }

  depends_on = [google_service_networking_connection.database]
}

resource "google_sql_database" "floorlog" {
  name     = "floorlog"
  instance = google_sql_database_instance.floorlog.name
}

resource "random_password" "database" {
  length  = 40
  special = false # it stands in a URL
}

resource "google_sql_user" "floorlog" {
  name     = "floorlog"
  instance = google_sql_database_instance.floorlog.name
  password = random_password.database.result
}

# Code that is staged carries the name of this secret, never the URL.
resource "google_secret_manager_secret" "database_url" {
  secret_id = "floorlog-database-url"
  replication {
    auto {}
  }
  depends_on = [google_project_service.needed]
}

resource "google_secret_manager_secret_version" "database_url" {
  secret = google_secret_manager_secret.database_url.id
  secret_data = format(
    "postgresql+psycopg://%s:%s@%s/%s?sslmode=require",
    google_sql_user.floorlog.name,
    random_password.database.result,
    google_sql_database_instance.floorlog.private_ip_address,
    google_sql_database.floorlog.name,
  )
}
