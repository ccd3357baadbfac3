# The pages have no sign-in of their own yet: only Google identities that are named here get through to them.

resource "google_cloud_run_v2_service" "pages" {
  count = var.image == "" ? 0 : 1

  name     = "floorlog-pages"
  location = var.region
  ingress  = "INGRESS_TRAFFIC_ALL"

  template {
    service_account = google_service_account.pages.email
    timeout         = "3600s" # an event stream stays open as long as Cloud Run allows; the page opens it again

    scaling {
      min_instance_count = 1
      max_instance_count = 4
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"
      network_interfaces {
        network    = google_compute_network.floorlog.id
        subnetwork = google_compute_subnetwork.floorlog.id
      }
    }

    containers {
      image = var.image
      args  = ["review", "--host=0.0.0.0", "--port=8000"]

      ports {
        container_port = 8000
      }

      resources {
        limits = { cpu = "2", memory = "2Gi" }
      }

      env {
        name  = "FLOORLOG_BROKER_URL"
        value = "pubsub://${var.project}"
      }
      env {
        name  = "FLOORLOG_OBJECTS_URL"
        value = google_storage_bucket.audio.url
      }
      env {
        name = "DATABASE_URL"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.database_url.secret_id
            version = "latest"
          }
        }
      }

      startup_probe {
        http_get {
          path = "/ready"
        }
        period_seconds    = 5
        failure_threshold = 24
      }

      liveness_probe {
        http_get {
          path = "/health"
        }
      }
    }
  }

  depends_on = [google_secret_manager_secret_iam_member.database_url, google_secret_manager_secret_version.database_url]
}

resource "google_cloud_run_v2_service_iam_member" "reviewers" {
  for_each = var.image == "" ? toset([]) : var.reviewers

  name     = google_cloud_run_v2_service.pages[0].name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}
