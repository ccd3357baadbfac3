# Two services from one image. The desk is for those who work: only Google identities that are named here get through to
# its own sign-in. The API, with permanent addresses and the dashboard, is for everybody, and can change nothing.

locals {
  services = var.image == "" ? {} : {
    pages = { command = "review", address = var.pages_url, identity = google_service_account.pages, most = 4 }
    api   = { command = "api", address = var.api_url, identity = google_service_account.api, most = 10 }
  }
}

resource "google_cloud_run_v2_service" "web" {
  for_each = local.services

  name     = "floorlog-${each.key}"
  location = var.region
  ingress  = "INGRESS_TRAFFIC_ALL"

  template {
    service_account = each.value.identity.email
    timeout         = "3600s" # an event stream stays open as long as Cloud Run allows; the page opens it again

    scaling {
      min_instance_count = 1
      max_instance_count = each.value.most
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
      args  = [each.value.command, "--host=0.0.0.0", "--port=8000"]

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
        name  = "FLOORLOG_PUBLIC_URL"
        value = each.value.address
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

  name     = google_cloud_run_v2_service.web["pages"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = each.value
}

resource "google_cloud_run_v2_service_iam_member" "everybody" {
  count = var.image == "" ? 0 : 1

  name     = google_cloud_run_v2_service.web["api"].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}
