# Capture keeps a journal on its own disk, so that a machine that restarts goes on without losing or repeating a
# sample. That needs a disk that outlives the machine: a small virtual machine, one unit a meeting and channel.

resource "google_compute_disk" "capture" {
  name = "floorlog-capture"
  zone = var.zone
  type = "pd-balanced"
  size = 50

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_project_service.needed]
}

resource "google_compute_instance" "capture" {
  count = var.image == "" ? 0 : 1

  name                      = "floorlog-capture"
  zone                      = var.zone
  machine_type              = "e2-standard-2"
  tags                      = ["floorlog-capture"]
  allow_stopping_for_update = true

  boot_disk {
    initialize_params {
      image = "cos-cloud/cos-stable"
    }
  }

  attached_disk {
    source      = google_compute_disk.capture.id
    device_name = "journal"
  }

  network_interface {
    subnetwork = google_compute_subnetwork.floorlog.id
  }

  service_account {
    email  = google_service_account.capture.email
    scopes = ["cloud-platform"]
  }

  metadata = {
    enable-oslogin         = "TRUE"
    google-logging-enabled = "true"
    user-data = templatefile("${path.module}/capture.cloud-init.yaml", {
      image     = var.image
      project   = var.project
      bucket    = google_storage_bucket.audio.url
      secret_id = google_secret_manager_secret.database_url.secret_id
    })
  }
}
