using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace KeyPortal.Storage.Migrations.SqliteUsage
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "usage_batches",
                columns: table => new
                {
                    Source = table.Column<string>(type: "TEXT", nullable: false),
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false),
                    Minute = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_batches", x => x.Source);
                });

            migrationBuilder.CreateTable(
                name: "usage_hours",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "TEXT", nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Hour = table.Column<int>(type: "INTEGER", nullable: false),
                    SecretVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    Code = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Count = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_hours", x => new { x.OrganizationId, x.KeyId, x.Hour, x.SecretVersion, x.Code });
                });

            migrationBuilder.CreateTable(
                name: "usage_minutes",
                columns: table => new
                {
                    OrganizationId = table.Column<string>(type: "TEXT", nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Minute = table.Column<int>(type: "INTEGER", nullable: false),
                    SecretVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    Code = table.Column<string>(type: "TEXT", maxLength: 40, nullable: false),
                    Count = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usage_minutes", x => new { x.OrganizationId, x.KeyId, x.Minute, x.SecretVersion, x.Code });
                });

            migrationBuilder.CreateIndex(
                name: "IX_usage_hours_OrganizationId_Hour",
                table: "usage_hours",
                columns: new[] { "OrganizationId", "Hour" });

            migrationBuilder.CreateIndex(
                name: "IX_usage_minutes_Minute",
                table: "usage_minutes",
                column: "Minute");

            migrationBuilder.CreateIndex(
                name: "IX_usage_minutes_OrganizationId_Minute",
                table: "usage_minutes",
                columns: new[] { "OrganizationId", "Minute" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "usage_batches");

            migrationBuilder.DropTable(
                name: "usage_hours");

            migrationBuilder.DropTable(
                name: "usage_minutes");
        }
    }
}
